import { Clock, Effect } from "effect"

const machine = Clock.Clock.defaultValue()

/** The machine's time, epoch ms: for deadlines towards Redis only, never for what is stored. */
export const wallNow = (): number => machine.currentTimeMillisUnsafe()

/** Runs on the machine's clock whatever clock the caller lives on: a network takes real time. */
export const onWallClock: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  Clock.Clock,
  machine
)
