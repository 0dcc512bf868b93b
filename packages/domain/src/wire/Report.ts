import { Option, Predicate, Schema } from "effect"
import type { Json, Outcome } from "../request/Request.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { cleanJson, cleanText } from "../store/CleanText.ts"

/** The longest error a report may carry, in characters; what is over is cut. */
const maxError = 4_096

/**
 * What a daemon's report of a request of this kind says. Exactly `completed` completes; any other status fails it with
 * `error`. None: the body is not a report (wrong types, or over the kind's bounds).
 */
export const reportDecoder = (kind: RequestKind): (body: unknown) => Option.Option<Outcome> => {
  const decode = Schema.decodeUnknownOption(kind.result)
  const encode = Schema.encodeOption(kind.result)
  return (body) => {
    if (!Predicate.isObject(body)) return Option.none()
    const { error, status, ...rest } = body as Record<string, Schema.Json>
    if (status === "completed") {
      // `null` is how the other side says "no value".
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null))
      // Only what the schema knows is cleaned: the rest may be nested as deep as its sender likes.
      const known = Option.flatMap(decode(given), encode)
      return Option.map(
        Option.flatMap(Option.flatMap(known, (result) => decode(cleanJson(result as Json))), encode),
        (result): Outcome => ({ _tag: "Completed", result: { ...kind.blank, ...(result as Json) } as Json })
      )
    }
    if (status !== undefined && status !== null && typeof status !== "string") return Option.none()
    if (error !== undefined && error !== null && typeof error !== "string") return Option.none()
    return Option.some({ _tag: "Failed", error: cleanText(error ?? "").slice(0, maxError) })
  }
}

/** The body of a report, as the daemon sends it. */
export const reportBody = (outcome: Outcome): Json =>
  outcome._tag === "Completed"
    ? { status: "completed", ...outcome.result }
    : { status: "failed", error: outcome.error.slice(0, maxError) }
