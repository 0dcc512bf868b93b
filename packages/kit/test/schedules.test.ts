import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { endPausesOn, pauseAsReturned, restartOn } from "../src/index.ts"

/** The moments, in ms, at which the effect that `paced` paces ran within 20 s. */
const timesOf = (paced: (run: (value: number) => Effect.Effect<number, string>) => Effect.Effect<unknown, string>) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    const run = (value: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        times.push(now)
        return times.length % 4 === 0 ? Effect.fail("fourth") : Effect.succeed(value)
      })
    yield* Effect.forkChild(Effect.ignore(paced(run)), { startImmediately: true })
    for (let second = 0; second < 20; second++) yield* TestClock.adjust("1 second")
    return times
  })

const failing = (run: (value: number) => Effect.Effect<number, string>) =>
  Effect.flatMap(run(0), () => Effect.fail("other"))

describe("schedules", () => {
  it.effect("a round's own pause: the next round comes after the pause that it returned", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* timesOf((run) => Effect.repeat(run(3_000), pauseAsReturned)), [
        0,
        3_000,
        6_000,
        9_000
      ])
    }))

  it.effect("D-16 a schedule that begins again at an input: the pauses are those of its beginning", () =>
    Effect.gen(function*() {
      const doubling = Schedule.exponential("1 second").pipe(
        Schedule.setInputType<string>(),
        restartOn((error) => error === "fourth")
      )
      const times = yield* timesOf((run) => Effect.retry(failing(run), doubling))
      assert.deepStrictEqual(times, [0, 1_000, 3_000, 7_000, 8_000, 10_000, 14_000])
    }))

  it.effect("D-07 D-17 a pause that is woken: it ends early, but not before its minimum", () =>
    Effect.gen(function*() {
      const woken = yield* Deferred.make<void>()
      const patient = Schedule.spaced("8 seconds").pipe(
        Schedule.setInputType<string>(),
        endPausesOn({ wake: Deferred.await(woken), least: () => Effect.succeed(3_000) })
      )
      yield* Effect.forkChild(Effect.delay(Deferred.succeed(woken, undefined), "9 seconds"))
      const times = yield* timesOf((run) => Effect.retry(failing(run), patient))
      assert.deepStrictEqual(times, [0, 8_000, 11_000, 14_000, 17_000, 20_000])
    }))
})
