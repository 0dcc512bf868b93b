import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { SleepWatch } from "../../src/clock/SleepWatch.ts"
import {
  afterEvent,
  afterSleep,
  makeWatchdog,
  nextLimit,
  prompted,
  started,
  watchdogLimits as limits
} from "../../src/task/Watchdog.ts"

const text = { _tag: "Text", text: "." } as const
const tool = (id: string, status: "running" | "completed") => ({ _tag: "Tool", id, status }) as const

describe("the watchdog", () => {
  it("T-27 names the limit that passes next", () => {
    assert.deepStrictEqual(nextLimit(started(5), limits), { at: 5 + limits.start, reason: "start_timeout" })
    assert.deepStrictEqual(nextLimit(prompted(7), limits), { at: 7 + limits.firstEvent, reason: "first_event_timeout" })
    const said = afterEvent(prompted(7), text, 9)
    assert.deepStrictEqual(nextLimit(said, limits), { at: 9 + limits.idle, reason: "idle_timeout" })
    const busy = afterEvent(said, tool("a", "running"), 11)
    assert.deepStrictEqual(nextLimit(busy, limits), { at: 11 + limits.tool, reason: "tool_timeout" })
  })

  it("T-27 a call that is announced again keeps its time, and its end brings the idle limit back", () => {
    const busy = afterEvent(afterEvent(prompted(0), tool("a", "running"), 10), tool("a", "running"), 500)
    assert.deepStrictEqual(nextLimit(busy, limits), { at: 10 + limits.tool, reason: "tool_timeout" })
    const done = afterEvent(busy, tool("a", "completed"), 600)
    assert.deepStrictEqual(nextLimit(done, limits), { at: 600 + limits.idle, reason: "idle_timeout" })
  })

  it("T-27 after 8 hours of machine sleep every limit starts again", () => {
    const later = 8 * 60 * 60_000
    const busy = afterEvent(prompted(0), tool("a", "running"), 0)
    assert.strictEqual(nextLimit(afterSleep(busy, later), limits).at, later + limits.tool)
    assert.strictEqual(nextLimit(afterSleep(started(0), later), limits).at, later + limits.start)
  })

  it.effect("T-27 ends an attempt at the limit and not before, whatever came earlier", () =>
    Effect.gen(function*() {
      const watchdog = yield* makeWatchdog(limits)
      const passed = yield* Effect.forkChild(watchdog.passed)
      yield* TestClock.adjust(limits.start - 1)
      yield* watchdog.prompted
      yield* TestClock.adjust(limits.firstEvent - 1)
      yield* watchdog.event(text)
      yield* TestClock.adjust(limits.idle - 1)
      assert.isUndefined(passed.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(passed), "idle_timeout")
    }).pipe(Effect.scoped, Effect.provide(Layer.provide(SleepWatch.layer, Conditions.layer))))
})
