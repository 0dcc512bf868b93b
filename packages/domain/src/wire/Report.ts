import { identity, Predicate, Result, Schema } from "effect"
import { refusedPlace } from "../codec/PlaceOf.ts"
import { refusedReport } from "../request/limitTexts.ts"
import type { Json, Outcome } from "../request/Request.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { siftReport, withoutNulls } from "../request/Sift.ts"
import { cleanJson, cleanText } from "../store/CleanText.ts"
import * as WireError from "./WireError.ts"

export { refusedReport } from "../request/limitTexts.ts"

/** The maximum characters of the error of a report; the rest is cut. */
const maxError = 4_096

/** The outcome of a report: how the request ended or, for kinds that acknowledge, that work on it has started. */
export type Reported = Outcome | { readonly _tag: "Running" }

const running: Reported = { _tag: "Running" }

/** Why a report is refused. */
export interface RefusedReport {
  /** The response to the daemon. */
  readonly answer: WireError.BadRequest
  /**
   * The error of the request, for its caller. Undefined: the report states no end of the request, which remains open.
   */
  readonly reason: string | undefined
}

const refused = (why: string): Result.Result<never, RefusedReport> =>
  Result.fail({ answer: WireError.invalidBody(), reason: refusedReport(why) })

/** A field that may be absent or null; both mean the empty string. */
const isText = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === "string"

/**
 * The outcome that a daemon's report of a request of this kind states. Exactly `completed` completes; any other status
 * fails it with `error`, except the statuses of a kind that acknowledges. Refused: not a report (wrong types, or over
 * the kind's bounds), or a status that such a kind does not know, and only that leaves the request open.
 */
export const decoder = (kind: RequestKind): (body: unknown) => Result.Result<Reported, RefusedReport> => {
  const schema = kind.report ?? kind.result
  const decode = Schema.decodeUnknownResult(schema)
  const encode = Schema.encodeResult(schema)
  const blank = kind.report === undefined ? kind.blank : {}
  const read = kind.readReport ?? identity
  const sift = siftReport(kind.sifted ?? [])

  const completed = (rest: Json): Result.Result<Reported, RefusedReport> => {
    const sifted = sift(read(withoutNulls(rest)))
    if (Result.isFailure(sifted)) return refused(sifted.failure)
    // Only what the schema knows is cleaned: the rest may be nested to any depth.
    const known = Result.flatMap(decode(sifted.success), encode)
    const clean = Result.flatMap(Result.flatMap(known, (result) => decode(cleanJson(result as Json))), encode)
    return Result.match(clean, {
      onFailure: ({ issue }) => refused(refusedPlace(issue)),
      onSuccess: (result) => Result.succeed({ _tag: "Completed", result: { ...blank, ...(result as Json) } as Json })
    })
  }

  return (body) => {
    if (!Predicate.isObject(body)) return refused("its body is not a JSON object")
    const { error, status, ...rest } = body as Record<string, Schema.Json>
    if (status === "completed") return completed(rest)
    if (!isText(status) || !isText(error)) return refused("`status` and `error` must be strings")
    if (kind.acknowledged === true) {
      if (status === "running") return Result.succeed(running)
      if (status !== "failed") {
        const answer = WireError.bad(`invalid status: ${cleanText(status ?? "").slice(0, 64)}`)
        return Result.fail({ answer, reason: undefined })
      }
    }
    return Result.succeed({ _tag: "Failed", error: cleanText(error ?? "").slice(0, maxError) })
  }
}

/** The body of a report, as the daemon sends it. */
export const write = (outcome: Outcome): Json =>
  outcome._tag === "Completed"
    ? { status: "completed", ...outcome.result }
    : { status: "failed", error: outcome.error.slice(0, maxError) }
