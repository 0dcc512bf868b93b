import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { EventLoop } from "../../src/pacing/EventLoop.ts"
import { LoadShedding } from "../../src/pacing/LoadShedding.ts"
import { Draining } from "../../src/socket/Draining.ts"

const layer = Draining.layer.pipe(
  Layer.provideMerge(LoadShedding.layer),
  Layer.provide(Layer.succeed(EventLoop, { delay: () => 0 }))
)

describe("the drain", () => {
  it.effect("is complete when every socket was closed once, also one that joined at its end", () =>
    Effect.gen(function*() {
      const draining = yield* Draining
      const shedding = yield* LoadShedding
      const closed: Array<number> = []
      const join = (at: number) => {
        const leave = draining.join(() => {
          closed.push(at)
          leave()
        })
      }
      const all = Array.from({ length: 60 }, (_, at) => at)
      all.forEach((at) => {
        shedding.join(1)
        join(at)
      })
      // 60 sockets at 100 a second: 600 ms.
      const complete = yield* Effect.forkScoped(draining.complete, { startImmediately: true })
      yield* TestClock.adjust(599)
      assert.isUndefined(complete.pollUnsafe())
      for (let at = 60; at < 70; at++) join(at)
      yield* TestClock.adjust(1)
      yield* Fiber.join(complete)
      assert.deepStrictEqual(closed.toSorted((a, b) => a - b), Array.from({ length: 70 }, (_, at) => at))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(closed.length, 70)
    }).pipe(Effect.provide(layer)))
})
