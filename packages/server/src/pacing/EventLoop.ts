import { Context, Effect, Layer } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"

/** How often the event loop is looked at, in ms. */
const resolution = 100

/** How well this process keeps up. */
export class EventLoop extends Context.Service<EventLoop, {
  /** By how many ms timers were late, on average since the last call; 0 before the first one came. */
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
          // Node counts the whole time between two looks.
          const late = histogram.count === 0 ? 0 : histogram.mean / 1_000_000 - resolution
          histogram.reset()
          return Math.max(late, 0)
        }
      }
    })
  )
}
