import { Clock, Context, type Effect } from "effect"

/**
 * The machine's wall clock, in epoch ms. It can be set, and it advances while the machine sleeps; the monotonic clock does
 * neither. A service, so that tests can change one without the other.
 */
export const WallClock = Context.Reference<Effect.Effect<number>>("@muster/daemon/clock/WallClock", {
  defaultValue: () => Clock.currentTimeMillis
})
