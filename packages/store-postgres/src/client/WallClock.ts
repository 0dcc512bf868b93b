import { Clock, Effect } from "effect"

/**
 * Runs on the machine's clock whatever clock the caller lives on: a database takes real time, and its deadlines must
 * not pass because a test moved its own clock on.
 */
export const onWallClock: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  Clock.Clock,
  Clock.Clock.defaultValue()
)
