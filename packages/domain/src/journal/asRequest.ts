import type { Request, RequestState } from "../request/Request.ts"
import type { Terms } from "../request/RequestKind.ts"
import type { JournalEntry } from "./JournalEntry.ts"

const stateOf = ({ deliveries, end }: JournalEntry): RequestState => {
  if (end !== null) {
    return end.how === "completed"
      ? { _tag: "Completed", result: {} }
      : { _tag: "Failed", error: end.error ?? "" }
  }
  const [first] = deliveries
  const last = deliveries.at(-1)
  return first === undefined || last === undefined ? { _tag: "Pending" } : {
    _tag: "Running",
    startedAt: first.at,
    deliveredAt: last.at,
    deliveries: deliveries.length
  }
}

/** A request as its notes describe it: without payload and result, and before its limits are applied. */
export const asRequest = (entry: JournalEntry, terms: Terms): Request => {
  const { by, createdAt, deliveries, end, id, kind, runtimeId } = entry
  return {
    id,
    runtimeId,
    kind,
    payload: {},
    terms,
    by,
    state: stateOf(entry),
    createdAt,
    updatedAt: end?.at ?? deliveries.at(-1)?.at ?? createdAt
  }
}
