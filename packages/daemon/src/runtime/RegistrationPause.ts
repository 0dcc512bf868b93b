import { Clock, Data, Duration, Effect, Random, Schedule } from "effect"
import type { Refused, Unreachable } from "../client/ServerError.ts"
import type { DaemonIntervals } from "../Intervals.ts"

/** The server took the registration but answered without a usable runtime for some CLIs. */
export class Incomplete extends Data.TaggedError("Incomplete")<{ readonly providers: ReadonlyArray<string> }> {
  override get message() {
    return `the server registered no usable runtime for ${this.providers.join(", ")}`
  }
}

/** Why a registration is to be tried again. */
export type RegistrationFailure = Refused | Unreachable | Incomplete

/** Over how long registrations are spread that the server's return causes, in ms, unless the server asked for more. */
const spread = 1_000

const askedBy = (failure: RegistrationFailure) => failure._tag === "Unreachable" ? failure.retryAfter ?? 0 : 0

/**
 * The pauses between failed registrations of one workspace: `first`, then up to `max`, with jitter so that a fleet does not
 * come back as one; as long as the server asked for where that is within `max`. No pause is longer than `max`.
 *
 * `recovered` ends a pause, at a random moment of the reconnect window (`window`, ms), but one pause per `first` at most: so a
 * server that fails and recovers again and again, or refuses only this workspace, is not asked more often.
 */
export const registrationPause = (options: {
  readonly pauses: DaemonIntervals["registerAgain"]
  readonly recovered: Effect.Effect<void>
  readonly window: Effect.Effect<number>
}): Schedule.Schedule<unknown, RegistrationFailure> => {
  const { first, max } = options.pauses
  let endedAt = -Infinity

  const recovery = Effect.gen(function*() {
    yield* options.recovered
    const over = Math.max(yield* options.window, spread)
    yield* Effect.sleep((yield* Random.next) * over)
    endedAt = yield* Clock.currentTimeMillis
  })

  const pause = Effect.fnUntraced(function*(usual: number, asked: number) {
    const random = yield* Random.next
    const least = Math.max(usual, asked) * (1 + random / 5)
    const length = Math.min(least, max * (1 - random / 6))
    const fixed = Math.min(length, Math.max(asked, endedAt + first - (yield* Clock.currentTimeMillis)))
    yield* Effect.sleep(Math.max(0, fixed))
    yield* Effect.timeoutOption(recovery, length - Math.max(0, fixed))
  })

  return Schedule.min([Schedule.exponential(first), Schedule.spaced(max)]).pipe(
    Schedule.setInputType<RegistrationFailure>(),
    // The pause passes here and not in the schedule, so that it can be ended.
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.as(pause(Duration.toMillis(duration), askedBy(input)), Duration.zero)
    )
  )
}
