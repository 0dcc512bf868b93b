import { assert, describe, it } from "@effect/vitest"
import { makeSteadyTime } from "../src/index.ts"

const hour = 3_600_000
const day = 24 * hour

/** A machine whose clocks a test moves: `passes` as time does, `sleeps`, `isSet` as a person or NTP does. */
const machine = () => {
  const clocks = { wall: 1_700_000_000_000, monotonic: 5_000, uptime: 90_000 }
  const add = (wall: number, monotonic: number, uptime: number) => {
    clocks.wall += wall
    clocks.monotonic += monotonic
    clocks.uptime += uptime
  }
  return {
    sources: {
      wall: () => clocks.wall,
      monotonic: () => clocks.monotonic,
      uptime: () => Math.floor(clocks.uptime / 1_000) * 1_000
    },
    passes: (ms: number) => add(ms, ms, ms),
    sleeps: (ms: number) => add(ms, 0, ms),
    isSet: (by: number) => add(by, 0, 0)
  }
}

/** Reads the time once a second for so long, as a server does all day. */
const live = (it: ReturnType<typeof machine>, now: () => number, ms: number) => {
  let last = now()
  for (let passed = 0; passed < ms; passed += 1_000) {
    it.passes(1_000)
    const next = now()
    assert.isAbove(next, last, "time goes on")
    last = next
  }
  return last
}

describe("the steady clock", () => {
  it("F-30 without a step it is the wall clock", () => {
    const it = machine()
    const { now, takeStep } = makeSteadyTime(it.sources)
    live(it, now, hour)
    assert.strictEqual(now(), it.sources.wall())
    assert.strictEqual(takeStep(), 0)
  })

  it.each([-day, -hour, hour, day])(
    "F-30 a step of %i ms changes a deadline by at most a tenth of its length",
    (step) => {
      for (const deadline of [10_000, 60_000, 150_000, hour]) {
        const it = machine()
        const { now, takeStep } = makeSteadyTime(it.sources)
        const begun = live(it, now, 10_000)
        it.isSet(step)
        const passed = live(it, now, deadline) - begun
        assert.isAtLeast(passed, deadline * 0.9 - 1)
        assert.isAtMost(passed, deadline * 1.1 + 1)
        assert.strictEqual(takeStep(), step)
        assert.strictEqual(takeStep(), 0)
      }
    }
  )

  it("F-30 a step is followed in the end", () => {
    const it = machine()
    const { now } = makeSteadyTime(it.sources)
    it.isSet(hour)
    live(it, now, 10 * hour + 10_000)
    assert.strictEqual(now(), it.sources.wall())
  })

  it("F-30 sleep is not a step: time is correct at once after it", () => {
    const it = machine()
    const { now, takeStep } = makeSteadyTime(it.sources)
    live(it, now, 10_000)
    it.sleeps(8 * hour)
    assert.approximately(now(), it.sources.wall(), 1_000)
    it.sleeps(8 * hour)
    it.isSet(-hour)
    const expected = it.sources.wall() + hour
    assert.approximately(now(), expected, 1_000)
    assert.approximately(takeStep(), -hour, 1_000)
  })
})
