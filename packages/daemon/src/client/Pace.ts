import type { TimingFields } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { Intervals } from "../Intervals.ts"

/** The pace that the server asked for last; the daemon's own where it asked for none. All in ms. */
export class Pace extends Context.Service<Pace, {
  /**
   * What an ack said of it; silence means the daemon's own interval. A narrower window is believed only where `settled`:
   * a server that was just restarted does not know yet how many daemons it has.
   */
  readonly told: (timing: TimingFields, settled: boolean) => Effect.Effect<void>
  /** Between two beats of one runtime, on either transport. */
  readonly beat: Effect.Effect<number>
  /** How long a socket ack of a runtime silences its HTTP beats: two intervals. */
  readonly freshness: Effect.Effect<number>
  /** Over how long to spread the next dialling; 0: the server asked for nothing. */
  readonly window: Effect.Effect<number>
}>()("@muster/daemon/client/Pace") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const intervals = yield* Intervals
      let beat = intervals.beat
      let window = 0
      return {
        told: (timing, settled) =>
          Effect.sync(() => {
            beat = timing.beat ?? intervals.beat
            const asked = timing.window ?? 0
            if (settled || asked > window) window = asked
          }),
        beat: Effect.sync(() => beat),
        freshness: Effect.sync(() => 2 * beat),
        window: Effect.sync(() => window)
      }
    })
  )
}
