import { Report, type WireError } from "@muster/domain"
import { Effect, Result } from "effect"

/** A report that was read. For a refused one: the failure of its request, and the answer to its daemon. */
export interface ReadReport {
  readonly reported: Report.Reported
  readonly answer?: WireError.WireError
}

const refusal = (reason: string, answer: WireError.WireError): ReadReport => ({
  reported: { _tag: "Failed", error: reason },
  answer
})

/** Returns why an unreadable body is refused permanently. Undefined: its daemon sends it again. */
const unreadableBody = ({ code, error }: WireError.WireError): string | undefined =>
  code === "too_large" || code === "invalid_body" ? Report.refusedReport(error) : undefined

/**
 * Reads a report. Fails if the report may be sent again (the connection broke) or has an unknown status; the request stays
 * open then.
 */
export const readReport = <R>(
  decode: (body: unknown) => Result.Result<Report.Reported, Report.RefusedReport>,
  body: Effect.Effect<unknown, WireError.WireError, R>
): Effect.Effect<ReadReport, WireError.WireError, R> =>
  body.pipe(
    Effect.matchEffect({
      onFailure: (error) => {
        const reason = unreadableBody(error)
        return reason === undefined ? Effect.fail(error) : Effect.succeed(refusal(reason, error))
      },
      onSuccess: (value) =>
        Result.match(decode(value), {
          onFailure: ({ answer, reason }) =>
            reason === undefined ? Effect.fail(answer) : Effect.succeed(refusal(reason, answer)),
          onSuccess: (reported) => Effect.succeed<ReadReport>({ reported })
        })
    })
  )
