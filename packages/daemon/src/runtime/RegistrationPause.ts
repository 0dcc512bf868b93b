import { Duration, Effect, Random, Schedule } from "effect"
import type { DaemonIntervals } from "../Intervals.ts"
import type { Refused, Unreachable } from "../server/ServerError.ts"
import type { Incomplete } from "./Incomplete.ts"

/** Why a registration is to be tried again. */
export type RegistrationFailure = Refused | Unreachable | Incomplete

/**
 * The pauses between failed registrations of one workspace: `first`, doubling up to `most`, each lengthened by up to a
 * fifth at random so that a fleet does not come back as one; never shorter than what the server asked for.
 */
export const registrationPause = (
  { first, most }: DaemonIntervals["registerAgain"]
): Schedule.Schedule<unknown, RegistrationFailure> =>
  Schedule.min([Schedule.exponential(first), Schedule.spaced(most)]).pipe(
    Schedule.setInputType<RegistrationFailure>(),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.map(Random.next, (random) => {
        const asked = input._tag === "Unreachable" ? input.retryAfter ?? 0 : 0
        return Math.max(Duration.toMillis(duration), asked) * (1 + random / 5)
      })
    )
  )
