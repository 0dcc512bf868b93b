import type { Request, RequestKind } from "@muster/domain"

/** A record as the scripts return it: head, status, updated, started, delivered, times, outcome. Times in epoch ms. */
export type Fields = readonly [
  head: string,
  status: "p" | "r" | "c" | "f" | "t",
  updated: string,
  started: string | null,
  delivered: string | null,
  times: string | null,
  outcome: string | null
]

/** Their names in the record. */
export const fieldNames = ["head", "status", "updated", "started", "delivered", "times", "outcome"] as const

type Head = Omit<Request.Request, "terms" | "state" | "updatedAt">

/** More than the number of kinds and versions of their terms. */
const mostTerms = 64

/** Parsed terms by their stored text. They are most of a record's text, and equal for all requests of a kind. */
const known = new Map<string, RequestKind.Terms>()

const termsOf = (text: string): RequestKind.Terms => {
  const found = known.get(text)
  if (found !== undefined) return found
  const terms = JSON.parse(text) as RequestKind.Terms
  if (known.size >= mostTerms) known.clear()
  known.set(text, terms)
  return terms
}

/** The constant part of a request, as stored: its terms and the rest, each JSON on its own line. */
export const headOf = ({ by, createdAt, id, kind, payload, runtimeId, terms }: Request.Request): string =>
  `${JSON.stringify(terms)}\n${JSON.stringify({ id, runtimeId, kind, payload, by, createdAt } satisfies Head)}`

/** The stored form of an outcome: its status and its text. */
export const outcomeOf = (outcome: Request.Outcome): readonly ["c" | "f", string] =>
  outcome._tag === "Completed" ? ["c", JSON.stringify(outcome.result)] : ["f", outcome.error]

const stateOf = (
  terms: RequestKind.Terms,
  [, status, , started, delivered, times, outcome]: Fields
): Request.RequestState => {
  switch (status) {
    case "p":
      return { _tag: "Pending" }
    case "r":
      return {
        _tag: "Running",
        startedAt: Number(started),
        deliveredAt: Number(delivered),
        deliveries: Number(times)
      }
    case "c":
      return { _tag: "Completed", result: JSON.parse(outcome ?? "") as Request.Json }
    case "f":
      return { _tag: "Failed", error: outcome ?? "" }
    case "t":
      return started === null
        ? { _tag: "TimedOut", error: terms.texts.pending, startedAt: null }
        : { _tag: "TimedOut", error: terms.texts.running, startedAt: Number(started) }
  }
}

/** The request of these fields. Throws if they were not written by `headOf` and the scripts. */
export const requestOf = (fields: Fields): Request.Request => {
  const [head, , updated] = fields
  const end = head.indexOf("\n")
  const terms = termsOf(head.slice(0, end))
  const rest = JSON.parse(head.slice(end + 1)) as Head
  return { ...rest, terms, state: stateOf(terms, fields), updatedAt: Number(updated) }
}
