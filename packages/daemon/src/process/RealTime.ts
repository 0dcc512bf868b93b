import { Clock, Effect } from "effect"

const wallClock = Clock.Clock.defaultValue()

/** Runs `effect` by the machine's own clock: an operating-system process dies in real time, whatever clock its caller lives by. */
export const inRealTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, Clock.Clock, wallClock)
