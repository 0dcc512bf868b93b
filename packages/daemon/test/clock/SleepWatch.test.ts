import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Fiber, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { type Reading, ServerClock, skewOf } from "../../src/client/ServerClock.ts"
import { awayFor, SleepWatch } from "../../src/clock/SleepWatch.ts"
import { WallClock } from "../../src/clock/WallClock.ts"
import { logLines } from "../support/logLines.ts"

const Millis = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const before = { wall: 1_000_000, monotonic: 50 }
const after = (wall: number, monotonic: number) => ({
  wall: before.wall + wall,
  monotonic: before.monotonic + monotonic
})

describe("sleep", () => {
  it.prop("is a difference between the clocks, or a look that is far too late", [
    Millis(5_000, 25_000),
    Millis(-5_000, 5_000),
    Millis(5_001, 1_000_000_000)
  ], ([passed, drift, jump]) =>
    awayFor(before, after(passed + drift, passed)) === 0 &&
    awayFor(before, after(passed + jump, passed)) === jump &&
    awayFor(before, after(passed - jump, passed)) === jump &&
    awayFor(before, after(20_000 + jump, 20_000 + jump)) === 15_000 + jump)

  it.effect("wakes all waiters after the first work, and is logged once", () => {
    let ahead = 0
    return Effect.gen(function*() {
      const { layer: log, lines } = yield* logLines
      const layer = SleepWatch.layer.pipe(
        Layer.provide(Conditions.layer),
        Layer.provide(Layer.succeed(WallClock, Effect.map(Clock.currentTimeMillis, (now) => now + ahead)))
      )
      yield* Effect.gen(function*() {
        const watch = yield* SleepWatch
        const order: Array<string> = []
        yield* watch.first(Effect.sync(() => void order.push("first")))
        const waiting = ["a", "b"].map((name) => Effect.andThen(watch.woke, Effect.sync(() => void order.push(name))))
        const fibers = yield* Effect.forEach(waiting, (wait) => Effect.forkChild(wait, { startImmediately: true }))
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(order, [])
        ahead = 8 * 3_600_000
        yield* TestClock.adjust("5 seconds")
        yield* Effect.forEach(fibers, Fiber.join)
        assert.deepStrictEqual(order, ["first", "a", "b"])
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(order.length, 3)
        assert.strictEqual(lines.length, 1)
        assert.include(lines[0], "28800 s")

        // A machine that is stopped again and again, for an hour.
        lines.length = 0
        for (let n = 0; n < 360; n++) {
          ahead += 60_000
          yield* TestClock.adjust("10 seconds")
        }
        assert.isAtMost(lines.length, 7, "invariant 10")
        assert.match(lines[1]!, /; \d\d times more since the last line$/)
      }).pipe(Effect.provide(Layer.provideMerge(layer, log)))
    })
  })
})

describe("the server's clock", () => {
  it.prop("the error bound of a reading holds", [
    Millis(-1_000_000, 1_000_000),
    Millis(0, 10_000),
    Millis(0, 10_000),
    Schema.Literals([1, 1_000])
  ], ([ahead, out, back, resolution]) => {
    const atServer = 1_700_000_000_123
    const reading: Reading = {
      server: Math.floor(atServer / resolution) * resolution,
      sent: atServer - out + ahead,
      received: atServer + back + ahead,
      resolution
    }
    const { error, skew } = skewOf(reading)
    return Math.abs(skew - ahead) <= error
  })

  it.effect("the most precise of the last 8 readings counts; sleep removes them", () => {
    let ahead = 0
    return Effect.gen(function*() {
      const clock = yield* ServerClock
      assert.deepStrictEqual(yield* clock.skew, Option.none())
      const sure = { server: 100, sent: 2_090, received: 2_110, resolution: 1 }
      const coarse = { server: 7_000, sent: 7_000, received: 7_100, resolution: 1_000 }
      yield* clock.reading(coarse)
      assert.deepStrictEqual(yield* clock.skew, Option.some(-449))
      yield* clock.reading(sure)
      yield* Effect.forEach(Array.from({ length: 7 }), () => clock.reading(coarse))
      assert.deepStrictEqual(yield* clock.skew, Option.some(2_000))
      yield* clock.reading(coarse)
      assert.deepStrictEqual(yield* clock.skew, Option.some(-449))
      ahead = 60_000
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* clock.skew, Option.none())

      const id = (n: number) => Runtime.RuntimeId.make(`bbbbbbbb-0000-4000-8000-${String(n).padStart(12, "0")}`)
      for (let n = 0; n <= 1_000; n++) yield* clock.beaten(id(n))
      assert.deepStrictEqual(yield* clock.lastBeat(id(0)), Option.none())
      assert.deepStrictEqual(yield* clock.lastBeat(id(1_000)), Option.some(65_000))
    }).pipe(Effect.provide(ServerClock.layer.pipe(
      Layer.provide(SleepWatch.layer),
      Layer.provide(Conditions.layer),
      Layer.provide(Layer.succeed(WallClock, Effect.map(Clock.currentTimeMillis, (now) => now + ahead)))
    )))
  })
})
