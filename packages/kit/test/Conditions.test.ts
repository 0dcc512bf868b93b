import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Conditions } from "../src/index.ts"
import { logLines } from "./support/logLines.ts"

const withConditions = (
  test: (conditions: Conditions["Service"], lines: ReadonlyArray<string>) => Effect.Effect<void>
) =>
  Effect.gen(function*() {
    const { layer, lines } = yield* logLines
    yield* Effect.flatMap(Conditions, (conditions) => test(conditions, lines)).pipe(
      Effect.provide([Conditions.layer, layer])
    )
  })

const seconds = (count: number, each: Effect.Effect<void>) =>
  Effect.repeat(Effect.andThen(each, TestClock.adjust("1 second")), { times: count - 1 })

describe("one condition, one line", () => {
  it.effect("at its start, at its end, and every 10 min, with a count", () =>
    withConditions((conditions, lines) =>
      Effect.gen(function*() {
        yield* seconds(3_600, conditions.begin("server", "down"))
        assert.strictEqual(lines.length, 6)
        assert.strictEqual(lines[0], "Warn down")
        assert.strictEqual(lines[1], "Warn down (600 times so far)")
        yield* conditions.end("server", "up again")
        assert.strictEqual(lines.length, 7)
        assert.strictEqual(lines[6], "Info up again (after 3600 s, 599 times since the last line)")
        yield* conditions.end("server", "up again")
        assert.strictEqual(lines.length, 7)
      })
    ))

  it.effect("one that flickers causes at most two lines in 10 min", () =>
    withConditions((conditions, lines) =>
      Effect.gen(function*() {
        yield* seconds(600, Effect.andThen(conditions.begin("server", "down"), conditions.end("server", "up")))
        assert.strictEqual(lines.length, 2)
        assert.isNull(yield* conditions.worst)
      })
    ))

  it.effect("one that flickers ends when it has not occurred for 10 min", () =>
    withConditions((conditions, lines) =>
      Effect.gen(function*() {
        yield* seconds(1_200, Effect.andThen(conditions.begin("server", "down"), conditions.end("server", "up")))
        assert.deepStrictEqual(lines, ["Warn down", "Info up (after 0 s)", "Warn down (600 times so far)"])
        yield* TestClock.adjust("9 minutes")
        assert.strictEqual(lines.length, 3)
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(lines.slice(3), ["Info up (after 1199 s, 599 times since the last line)"])
      })
    ))

  it.effect("one that no caller ends, ends when it has not occurred for 10 min; logged if there were unlogged occurrences", () =>
    withConditions((conditions, lines) =>
      Effect.gen(function*() {
        yield* conditions.begin("a", "refused", { lapse: "no longer", annotations: {} })
        for (let i = 0; i < 3; i++) yield* conditions.begin("b", "slow", { lapse: "fast again", annotations: {} })
        yield* TestClock.adjust("11 minutes")
        assert.deepStrictEqual(lines, ["Warn refused", "Warn slow", "Info fast again"])
        assert.isFalse(conditions.isOpen("a") || conditions.isOpen("b"))
      })
    ))

  it.effect("one that another explains, or that is too short, is not logged", () =>
    withConditions((conditions, lines) =>
      Effect.gen(function*() {
        yield* seconds(5, conditions.begin("socket", "no socket", { grace: 10_000 }))
        yield* conditions.end("socket", "a socket")
        assert.deepStrictEqual(lines, [])
        yield* conditions.begin("server", "down")
        yield* seconds(20, conditions.begin("socket", "no socket", { grace: 10_000, because: "server" }))
        assert.deepStrictEqual(lines, ["Warn down"])
        yield* conditions.end("server", "up")
        yield* conditions.begin("socket", "no socket", { grace: 10_000, because: "server" })
        assert.strictEqual(lines[2], "Warn no socket (26 times so far)")
      })
    ))

  it.effect("the oldest open one is the worst", () =>
    withConditions((conditions) =>
      Effect.gen(function*() {
        assert.isNull(yield* conditions.worst)
        yield* conditions.begin("a", "first")
        yield* TestClock.adjust("1 second")
        yield* conditions.begin("b", "second")
        assert.strictEqual(yield* conditions.worst, "first")
        yield* conditions.forget("a")
        assert.strictEqual(yield* conditions.worst, "second")
        yield* conditions.begin("c", "too young", { grace: 1_000 })
        yield* conditions.begin("d", "because of the second", { because: "b" })
        yield* conditions.forget("b")
        assert.isNull(yield* conditions.worst)
      })
    ))
})
