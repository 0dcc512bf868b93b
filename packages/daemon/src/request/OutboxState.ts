import type { Request } from "@muster/domain"
import type { Deferred } from "effect"
import { isForgotten, type StoredReport } from "./StoredReport.ts"

/** The limits of an outbox. */
export const outboxBounds = { texts: 1_000, bytes: 32 * 1024 * 1024 }

/** A report in an outbox. */
export interface HeldReport extends StoredReport {
  readonly bytes: number
  /** Whether it is on the disk. */
  readonly stored: boolean
  /** Done when it has been sent once, whatever the outcome. */
  readonly tried: Deferred.Deferred<void>
  /** Done when the first attempts are over, whatever the outcome. */
  readonly attempted: Deferred.Deferred<void>
}

/** The reports that the server is not known to have. */
export interface OutboxState {
  /** In the order in which the work was finished. */
  readonly held: ReadonlyMap<Request.RequestId, HeldReport>
  readonly bytes: number
}

export const emptyOutbox: OutboxState = { held: new Map(), bytes: 0 }

const fits = ({ bytes, held }: OutboxState, size: number) =>
  held.size < outboxBounds.texts && bytes + size <= outboxBounds.bytes

/** Adds a report of an earlier process, whatever the bounds. One per request: another one changes nothing. */
export const withStored = (state: OutboxState, one: HeldReport): OutboxState =>
  state.held.has(one.report.requestId) ? state : {
    held: new Map(state.held).set(one.report.requestId, one),
    bytes: state.bytes + one.bytes
  }

/** Adds a new report within the bounds. `known`: it is there already. */
export const admitReport = (
  state: OutboxState,
  one: HeldReport
): readonly ["held" | "known" | "full", OutboxState] => {
  if (state.held.has(one.report.requestId)) return ["known", state]
  return fits(state, one.bytes) ? ["held", withStored(state, one)] : ["full", state]
}

export const markStored = (state: OutboxState, id: Request.RequestId): OutboxState => {
  const one = state.held.get(id)
  return one === undefined ? state : { ...state, held: new Map(state.held).set(id, { ...one, stored: true }) }
}

export const withoutReport = (state: OutboxState, id: Request.RequestId): OutboxState => {
  const one = state.held.get(id)
  if (one === undefined) return state
  const held = new Map(state.held)
  held.delete(id)
  return { held, bytes: state.bytes - one.bytes }
}

/** Returns the oldest report if its request has expired and `size` bytes do not fit: it makes room. */
export const expendable = (state: OutboxState, size: number, now: number): HeldReport | undefined => {
  if (fits(state, size)) return undefined
  const [oldest] = state.held.values()
  return oldest !== undefined && isForgotten(oldest, now) ? oldest : undefined
}
