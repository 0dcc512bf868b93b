import type { PacingFields } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { Intervals } from "../Intervals.ts"

/** The beat interval that the server requested last, or the daemon's own where it requested none. All in ms. */
export class BeatInterval extends Context.Service<BeatInterval, {
  /**
   * Applies the timing fields of an ack; absent fields restore the daemon's own interval. A narrower reconnect window is
   * accepted only where `settled`: a server that just restarted does not know yet how many daemons it has.
   */
  readonly update: (timing: PacingFields.TimingFields, settled: boolean) => Effect.Effect<void>
  /** Between two beats of one runtime, on either transport. */
  readonly current: Effect.Effect<number>
  /** How long a socket ack of a runtime suppresses its HTTP beats: two intervals. */
  readonly ackLifetime: Effect.Effect<number>
  /** The time over which the next dial is spread; 0: the server requested none. */
  readonly reconnectWindow: Effect.Effect<number>
}>()("@muster/daemon/client/BeatInterval") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const intervals = yield* Intervals
      let beat = intervals.beat
      let window = 0
      return {
        update: (timing, settled) =>
          Effect.sync(() => {
            beat = timing.beat ?? intervals.beat
            const requested = timing.window ?? 0
            if (settled || requested > window) window = requested
          }),
        current: Effect.sync(() => beat),
        ackLifetime: Effect.sync(() => 2 * beat),
        reconnectWindow: Effect.sync(() => window)
      }
    })
  )
}
