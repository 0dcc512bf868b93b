import { Context, Effect, Layer } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"

/** How often the event loop's delay is sampled, in ms. */
const resolution = 100

/** Measures the delay of this process's event loop. */
export class EventLoop extends Context.Service<EventLoop, {
  /** Returns the average delay of timers since the last call, in ms; 0 without a sample. */
  readonly delay: () => number
}>()("@muster/server/pacing/EventLoop") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const histogram = yield* Effect.acquireRelease(
        Effect.sync(() => {
          const histogram = monitorEventLoopDelay({ resolution })
          histogram.enable()
          return histogram
        }),
        (histogram) => Effect.sync(() => histogram.disable())
      )
      return {
        delay: () => {
          // Node measures the whole time between two samples.
          const late = histogram.count === 0 ? 0 : histogram.mean / 1_000_000 - resolution
          histogram.reset()
          return Math.max(late, 0)
        }
      }
    })
  )
}
