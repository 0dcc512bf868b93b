import { Clock, Context, type Effect } from "effect"

/**
 * What the machine's calendar says, in epoch ms. It may be set, and goes on while the machine sleeps; fibers and the
 * monotonic clock do neither. A service of its own, so that tests can turn the two apart.
 */
export const WallClock = Context.Reference<Effect.Effect<number>>("@muster/daemon/clock/WallClock", {
  defaultValue: () => Clock.currentTimeMillis
})
