import { type Json, type Outcome, type Request, type RequestState } from "@muster/domain"

/** A record as the scripts answer it: head, status, updated, started, delivered, times, outcome. Times in epoch ms. */
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

type Head = Omit<Request, "state" | "updatedAt">

/** What never changes of a request, as it is stored. */
export const headOf = ({ by, createdAt, id, kind, payload, runtimeId, terms }: Request): string =>
  JSON.stringify({ id, runtimeId, kind, payload, terms, by, createdAt } satisfies Head)

/** The fields of a request that was made at `now` (epoch ms) with this head. */
export const pendingOf = (head: string, now: number): Fields => [head, "p", String(now), null, null, null, null]

/** How an outcome is stored: its status and its text. */
export const outcomeOf = (outcome: Outcome): readonly ["c" | "f", string] =>
  outcome._tag === "Completed" ? ["c", JSON.stringify(outcome.result)] : ["f", outcome.error]

const stateOf = ({ terms }: Head, [, status, , started, delivered, times, outcome]: Fields): RequestState => {
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
      return { _tag: "Completed", result: JSON.parse(outcome ?? "") as Json }
    case "f":
      return { _tag: "Failed", error: outcome ?? "" }
    case "t":
      return started === null
        ? { _tag: "TimedOut", error: terms.texts.pending, startedAt: null }
        : { _tag: "TimedOut", error: terms.texts.running, startedAt: Number(started) }
  }
}

/** The request that these fields are. Throws where they were not written by `headOf` and the scripts. */
export const requestOf = (fields: Fields): Request => {
  const head = JSON.parse(fields[0]) as Head
  return { ...head, state: stateOf(head, fields), updatedAt: Number(fields[2]) }
}
