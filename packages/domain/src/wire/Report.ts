import { Option, Predicate, Result, Schema } from "effect"
import type { Json, Outcome } from "../request/Request.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { cleanJson, cleanText } from "../store/CleanText.ts"
import { type BadRequest, wireError } from "./WireError.ts"

/** The longest error a report may carry, in characters; what is over is cut. */
const maxError = 4_096

/** What a report says: how the request ended, or (kinds that acknowledge) that it is being worked on. */
export type Reported = Outcome | { readonly _tag: "Running" }

const running: Reported = { _tag: "Running" }

/** A field that may be left out or null, both of which stand for the empty string. */
const isText = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === "string"

/**
 * What a daemon's report of a request of this kind says. Exactly `completed` completes; any other status fails it with
 * `error`, but for the statuses of a kind that acknowledges. Refused: no report (wrong types, or over the kind's
 * bounds), or a status that such a kind does not know.
 */
export const reportDecoder = (kind: RequestKind): (body: unknown) => Result.Result<Reported, BadRequest> => {
  const schema = kind.report ?? kind.result
  const decode = Schema.decodeUnknownOption(schema)
  const encode = Schema.encodeOption(schema)
  const blank = kind.report === undefined ? kind.blank : {}

  const completed = (rest: Json): Result.Result<Reported, BadRequest> => {
    // `null` is how the other side says "no value".
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null))
    // Only what the schema knows is cleaned: the rest may be nested as deep as its sender likes.
    const known = Option.flatMap(decode(given), encode)
    const clean = Option.flatMap(Option.flatMap(known, (result) => decode(cleanJson(result as Json))), encode)
    return Option.match(clean, {
      onNone: () => Result.fail(wireError.invalidBody()),
      onSome: (result) => Result.succeed({ _tag: "Completed", result: { ...blank, ...(result as Json) } as Json })
    })
  }

  return (body) => {
    if (!Predicate.isObject(body)) return Result.fail(wireError.invalidBody())
    const { error, status, ...rest } = body as Record<string, Schema.Json>
    if (status === "completed") return completed(rest)
    if (!isText(status) || !isText(error)) return Result.fail(wireError.invalidBody())
    if (kind.acknowledged === true) {
      if (status === "running") return Result.succeed(running)
      if (status !== "failed") {
        return Result.fail(wireError.bad(`invalid status: ${cleanText(status ?? "").slice(0, 64)}`))
      }
    }
    return Result.succeed({ _tag: "Failed", error: cleanText(error ?? "").slice(0, maxError) })
  }
}

/** The body of a report, as the daemon sends it. */
export const reportBody = (outcome: Outcome): Json =>
  outcome._tag === "Completed"
    ? { status: "completed", ...outcome.result }
    : { status: "failed", error: outcome.error.slice(0, maxError) }
