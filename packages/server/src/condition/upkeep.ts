import { Conditions } from "@muster/domain"
import { Cause, Effect } from "effect"

/**
 * One round of a loop, which must go on whatever a round does. A failure is left to the store's observer, which reports
 * it; a defect is a condition of its own.
 */
export const makeUpkeep = Effect.map(
  Conditions.orOwn,
  (conditions) => <A, E, R>(name: string, round: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
    round.pipe(
      Effect.asVoid,
      Effect.catch((error) => Effect.logDebug(`${name} failed, trying again later`, error)),
      Effect.catchCause((cause) =>
        Cause.hasDies(cause)
          ? conditions.begin(`defect:${name}`, `${name} broke, trying again later: ${Cause.pretty(cause)}`, {
            level: "Error",
            lapse: `no longer breaks: ${name}`
          })
          : Effect.failCause(cause)
      )
    )
)
