import { Clock, Effect } from "effect"

/** A real server takes real time, whatever clock a test runs on. */
export const onRealTime: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  Clock.Clock,
  Clock.Clock.defaultValue()
)
