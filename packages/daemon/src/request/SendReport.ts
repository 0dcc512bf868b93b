import { Duration, Effect, Random, Schedule } from "effect"
import type { Gone, Refused, ServerError, Unreachable } from "../client/ServerError.ts"

/** The pauses between the first attempts to send a report, in ms: so they are made at about 0, 0.5, 2.5 and 6.5 s. */
const pauses = [500, 2_000, 4_000]

/** After those: the first and the longest pause, in ms. */
const later = { first: 10_000, max: 120_000 }

/** Reports that the server's return wakes are spread over this, in ms. */
const spread = 1_000

const askedBy = (error: ServerError) => error._tag === "Unreachable" ? error.retryAfter ?? 0 : 0

/**
 * Sends a report four times at most: no answer, 5xx, 408 and 429 are tried again, each at the earliest
 * when the server's `Retry-After` allows; any other refusal ends it. Source: `docs/protocol.md` 13.4.
 */
export const sendReport = (
  send: Effect.Effect<void, Gone | Refused | Unreachable>
): Effect.Effect<void, Gone | Refused | Unreachable> =>
  Effect.retry(send, ($) =>
    $(Schedule.recurs(pauses.length)).pipe(
      Schedule.while(({ input }) => input._tag === "Unreachable"),
      Schedule.modifyDelay(({ attempt, input }) =>
        Effect.succeed(Duration.millis(Math.max(pauses[attempt - 1] ?? 0, askedBy(input))))
      )
    ))

/** The pause after the `round`th (≥ 1) later attempt: doubling, between half of it and all of it. */
const laterPause = (round: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => Math.min(later.first * 2 ** (round - 1), later.max) * (0.5 + random / 2))

/**
 * Sends a report for as long as it takes: after the first four attempts with growing pauses, which the server's return
 * ends (`returned`), its `Retry-After` does not. `waiting` runs once each time that an attempt found no ear.
 */
export const deliverReport = (options: {
  readonly send: Effect.Effect<void, Gone | Refused | Unreachable>
  readonly returned: Effect.Effect<void>
  readonly waiting: (error: Unreachable) => Effect.Effect<void>
}): Effect.Effect<void, Gone | Refused> => {
  const woken = Effect.andThen(options.returned, Effect.flatMap(Random.next, (random) => Effect.sleep(random * spread)))

  const round = (attempt: Effect.Effect<void, Gone | Refused | Unreachable>, n: number): Effect.Effect<
    void,
    Gone | Refused
  > =>
    Effect.catchTag(attempt, "Unreachable", (error) =>
      Effect.gen(function*() {
        yield* options.waiting(error)
        const [asked, pause] = [askedBy(error), yield* laterPause(n)]
        yield* Effect.sleep(asked)
        yield* Effect.timeoutOption(woken, Math.max(0, pause - asked))
        return yield* round(options.send, n + 1)
      }))

  return round(sendReport(options.send), 1)
}
