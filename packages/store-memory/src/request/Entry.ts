import { Request } from "@muster/domain"

/** A record in the store, with the times (epoch ms) that order the store's work. */
export interface Entry {
  /** The order of creation; it orders requests of one millisecond. */
  readonly sequence: number
  /** Frozen: readers cannot change a returned record. */
  request: Request.Request
  /** The last moment within its limit; Infinity once it is terminal. */
  deadline: number
  /** The last moment before redelivery; Infinity: it is not redelivered. */
  due: number
  /** The last moment at which the record is kept. */
  expiry: number
}

const dueOf = ({ state, terms }: Request.Request): number =>
  state._tag === "Running" && state.deliveries < terms.deliveries ? state.deliveredAt + terms.redeliverAfter : Infinity

/** Replaces the entry's record by a new version. */
export const rewrite = (entry: Entry, request: Request.Request): void => {
  Object.freeze(request.state)
  entry.request = Object.freeze(request)
  entry.deadline = Request.deadlineOf(request) ?? Infinity
  entry.due = dueOf(request)
  entry.expiry = Request.expiryOf(request)
}

export const makeEntry = (sequence: number, request: Request.Request): Entry => {
  const entry: Entry = { sequence, request, deadline: Infinity, due: Infinity, expiry: Infinity }
  rewrite(entry, request)
  return entry
}
