import { Kinds, Request, RequestJournal, type RequestKind } from "@muster/domain"

/** The terms of kinds that only a newer replica knows: their requests have no limits here. */
const unknownTerms: RequestKind.Terms = {
  pending: Infinity,
  running: Infinity,
  retention: 0,
  deliveries: 1,
  redeliverAfter: Infinity,
  admission: { _tag: "Coalesce" },
  texts: { pending: "", running: "" }
}
const termsOf = (kind: string): RequestKind.Terms => Kinds.all.find(({ name }) => name === kind)?.terms ?? unknownTerms

/** Returns a request as its notes and its limits leave it at `now` (epoch ms). */
export const requestFromEntry = (entry: RequestJournal.JournalEntry, now: number): Request.Request =>
  Request.elapse(RequestJournal.asRequest(entry, termsOf(entry.kind)), now)
