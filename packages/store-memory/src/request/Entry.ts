import { Request } from "@muster/domain"

/** A record in the store, with the moments (epoch ms) by which the store orders its work. */
export interface Entry {
  /** The order of creation; tells apart what was created within one millisecond. */
  readonly sequence: number
  /** Frozen: what was handed out never changes in a reader's hands. */
  request: Request.Request
  /** The last moment within its limit; Infinity once it is terminal. */
  deadline: number
  /** The last moment at which it is not handed out again; Infinity where it never is. */
  due: number
  /** The last moment at which the record is kept. */
  expiry: number
}

const dueOf = ({ state, terms }: Request.Request): number =>
  state._tag === "Running" && state.deliveries < terms.deliveries ? state.deliveredAt + terms.redeliverAfter : Infinity

/** Puts a new version of the record into the entry. */
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
