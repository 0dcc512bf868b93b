import { type RefusedReport, refusedReport, type Reported, type WireError } from "@muster/domain"
import { Effect, Result } from "effect"

/** A report as it was read; of one that is refused, the failure that its request ends with, and its daemon's answer. */
export interface ReadReport {
  readonly reported: Reported
  readonly answer?: WireError
}

const refusal = (reason: string, answer: WireError): ReadReport => ({
  reported: { _tag: "Failed", error: reason },
  answer
})

/** Why a body that cannot be read is refused for good. Undefined: its daemon sends it again. */
const unreadableBody = ({ code, error }: WireError): string | undefined =>
  code === "too_large" || code === "invalid_body" ? refusedReport(error) : undefined

/**
 * Reads a report. Fails where the report may come again (the connection broke) or says nothing about the request's end
 * (a status that is not known): the request stays open then.
 */
export const readReport = <R>(
  decode: (body: unknown) => Result.Result<Reported, RefusedReport>,
  body: Effect.Effect<unknown, WireError, R>
): Effect.Effect<ReadReport, WireError, R> =>
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
