import { Conditions } from "@muster/kit"
import { Cause, Effect } from "effect"

/**
 * Returns a function that runs one round of a background loop and never fails, so that the loop continues. The store's
 * observer reports failures; a defect is a condition of its own.
 */
export const makeUpkeep = Effect.map(
  Conditions.orOwn,
  (conditions) => <A, E, R>(name: string, round: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
    round.pipe(
      Effect.asVoid,
      Effect.catch((error) => Effect.logDebug(`${name} failed, trying again later`, error)),
      Effect.catchCause((cause) =>
        Cause.hasDies(cause)
          ? conditions.begin(
            `defect:${name}`,
            `${name} failed with a defect, trying again later: ${Cause.pretty(cause)}`,
            {
              level: "Error",
              lapse: `no longer fails with a defect: ${name}`
            }
          )
          : Effect.failCause(cause)
      )
    )
)
