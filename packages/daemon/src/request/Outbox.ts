import { Context, Duration, Effect, Layer, Schedule } from "effect"
import { type Report, ServerApi } from "../server/ServerApi.ts"
import type { Gone, Refused, Unreachable } from "../server/ServerError.ts"

/**
 * Where the ends of requests go. `post` answers when the report needs its poster no longer; whether it arrived is the
 * outbox's business alone.
 */
export class Outbox extends Context.Service<Outbox, {
  readonly post: (report: Report) => Effect.Effect<void>
}>()("@muster/daemon/request/Outbox") {}

/** The pauses between the attempts to send a report, in ms: so they are made at about 0, 0.5, 2.5 and 6.5 s. */
const pauses = [500, 2_000, 4_000]

/** A server that asks for a longer pause is obeyed up to this, in ms; the request's own limit has passed by then. */
const longest = 60_000

/**
 * Sends a report until the server has it: no answer, 5xx, 408 and 429 are tried again, each at the earliest when the
 * server's `Retry-After` allows; any other refusal ends it. Source: `wire.md` 13.4.
 */
export const sendReport = (
  server: ServerApi["Service"],
  report: Report
): Effect.Effect<void, Gone | Refused | Unreachable> =>
  Effect.retry(server.report(report), ($) =>
    $(Schedule.recurs(pauses.length)).pipe(
      Schedule.while(({ input }) => input._tag === "Unreachable"),
      Schedule.modifyDelay(({ attempt, input }) => {
        const asked = input._tag === "Unreachable" ? Math.min(input.retryAfter ?? 0, longest) : 0
        return Effect.succeed(Duration.millis(Math.max(pauses[attempt - 1] ?? 0, asked)))
      })
    ))

/** Sends at once and keeps nothing: `post` lasts as long as the attempts do. A report that cannot be sent is lost. */
export const layerOutboxDirect = Layer.effect(
  Outbox,
  Effect.gen(function*() {
    const server = yield* ServerApi
    return {
      post: (report) =>
        sendReport(server, report).pipe(
          Effect.catch((error) => Effect.logWarning(`a result was not delivered and is lost: ${error.message}`))
        )
    }
  })
)
