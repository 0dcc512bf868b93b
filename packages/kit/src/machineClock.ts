import { Clock, Effect } from "effect"

/** The machine's clock, whatever clock the current fiber uses (a test's `TestClock`, a steady clock). */
export const machineClock: Clock.Clock = Clock.Clock.defaultValue()

/** Returns the machine's time in epoch ms: for deadlines toward databases, networks and processes, never for what is stored. */
export const machineNow = (): number => machineClock.currentTimeMillisUnsafe()

/**
 * Runs the effect on the machine's clock, whatever clock its caller uses: databases, networks and operating-system
 * processes take real time, and their deadlines must not pass because a test moved its own clock.
 */
export const onMachineClock: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect
  .provideService(Clock.Clock, machineClock)
