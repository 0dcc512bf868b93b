import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { makeMemo } from "../../src/memo/Memo.ts"

const maxAge = Duration.seconds(10)

/** A memo of 10 s over answers that count their queries. */
const counting = Effect.gen(function*() {
  const asked: Array<string> = []
  const memo = yield* makeMemo({
    lookup: (key: string) => Effect.sync(() => `${key}${asked.push(key)}`),
    keep: (answer) => !answer.startsWith("no"),
    maxAge
  })
  return { asked, memo }
})

describe("a memo", () => {
  it.effect("queries once for what it keeps", () =>
    Effect.gen(function*() {
      const { asked, memo } = yield* counting
      assert.deepStrictEqual([yield* memo.get("a"), yield* memo.get("a"), yield* memo.get("b")], ["a1", "a1", "b2"])
      assert.deepStrictEqual(asked, ["a", "b"])
    }))

  it.effect.each([[0, 10_000], [4_999, 10_000], [5_000, 15_000], [7_500, 15_000], [9_999, 15_000]] as const)(
    "an answer read %i ms after the start is kept until %i ms: longer than half of 10 s, and no longer than 10 s",
    ([came, until]) =>
      Effect.gen(function*() {
        const { memo } = yield* counting
        yield* TestClock.adjust(came)
        yield* memo.get("a")
        yield* TestClock.adjust(until - came - 1)
        assert.strictEqual(yield* memo.get("a"), "a1")
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* memo.get("a"), "a2")
      })
  )

  it.effect("repeated reads do not extend the time", () =>
    Effect.gen(function*() {
      const { memo } = yield* counting
      const answers: Array<string> = []
      for (let second = 0; second <= 10; second++) {
        answers.push(yield* memo.get("a"))
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(answers[9], "a1")
      assert.strictEqual(answers[10], "a2")
    }))

  it.effect("does not keep what `keep` refuses", () =>
    Effect.gen(function*() {
      const { memo } = yield* counting
      assert.deepStrictEqual([yield* memo.get("no"), yield* memo.get("no")], ["no1", "no2"])
      assert.strictEqual(memo.peek("no"), undefined)
    }))

  it.effect("never keeps a fault: the next caller queries again", () =>
    Effect.gen(function*() {
      let calls = 0
      const memo = yield* makeMemo({
        lookup: () => Effect.suspend(() => ++calls === 1 ? Effect.fail("down") : Effect.succeed("up")),
        keep: () => true,
        maxAge
      })
      assert.deepStrictEqual(yield* Effect.result(memo.get("a")), Result.fail("down"))
      assert.strictEqual(yield* memo.get("a"), "up")
    }))

  it.effect("removes one key immediately, in either generation", () =>
    Effect.gen(function*() {
      const { memo } = yield* counting
      yield* memo.get("young")
      yield* memo.get("other")
      yield* memo.forget("young")
      assert.strictEqual(memo.peek("young"), undefined)
      assert.strictEqual(yield* memo.get("other"), "other2")
      yield* TestClock.adjust("5 seconds")
      yield* memo.forget("other")
      assert.strictEqual(yield* memo.get("other"), "other3")
    }))

  it.effect("many concurrent callers share one query", () =>
    Effect.gen(function*() {
      const answer = yield* Deferred.make<string>()
      let asked = 0
      const memo = yield* makeMemo({
        lookup: () => Effect.suspend(() => (asked++, Deferred.await(answer))),
        keep: () => true,
        maxAge
      })
      const askers = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.forkChild(memo.get("a"), { startImmediately: true })
      )
      yield* Deferred.succeed(answer, "yes")
      assert.deepStrictEqual(yield* Effect.forEach(askers, Fiber.join), Array.from({ length: 50 }, () => "yes"))
      assert.strictEqual(asked, 1)
    }))

  it.effect("an interrupted caller does not affect the others", () =>
    Effect.gen(function*() {
      const answer = yield* Deferred.make<string>()
      const memo = yield* makeMemo({ lookup: () => Deferred.await(answer), keep: () => true, maxAge })
      const first = yield* Effect.forkChild(memo.get("a"), { startImmediately: true })
      const second = yield* Effect.forkChild(memo.get("a"), { startImmediately: true })
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(answer, "yes")
      assert.strictEqual(yield* Fiber.join(second), "yes")
      assert.strictEqual(yield* memo.get("a"), "yes")
    }))

  it.effect("an answer that was being read when its key was removed is not kept", () =>
    Effect.gen(function*() {
      const before = yield* Deferred.make<string>()
      let asked = 0
      const memo = yield* makeMemo({
        lookup: () => Effect.suspend(() => ++asked === 1 ? Deferred.await(before) : Effect.succeed("after")),
        keep: () => true,
        maxAge
      })
      const asker = yield* Effect.forkChild(memo.get("a"), { startImmediately: true })
      yield* memo.forget("a")
      yield* Deferred.succeed(before, "before")
      yield* Fiber.join(asker)
      assert.strictEqual(yield* memo.get("a"), "after")
    }))

  it.effect("is bounded: over 100,000 answers the oldest are dropped early", () =>
    Effect.gen(function*() {
      const memo = yield* makeMemo({ lookup: (key: number) => Effect.succeed(key), keep: () => true, maxAge })
      for (let key = 0; key < 100_001; key++) yield* memo.get(key)
      assert.strictEqual(memo.peek(0), undefined)
      assert.isDefined(memo.peek(100_000))
      assert.isDefined(memo.peek(50_001))
    }))

  describe("with a renewal", () => {
    /** A memo of 10 s that reads again, all at once, what was used within 15 s; its answers count the reads. */
    const renewing = (wait: Effect.Effect<void> = Effect.void) =>
      Effect.gen(function*() {
        const asked: Array<string> = []
        const renewed: Array<ReadonlyArray<string>> = []
        const memo = yield* makeMemo({
          lookup: (key: string) => Effect.sync(() => `${key}${asked.push(key)}`),
          keep: (answer) => !answer.startsWith("no"),
          maxAge,
          renewal: {
            lookup: (keys: ReadonlyArray<string>) =>
              Effect.sync(() => renewed.push(keys)).pipe(
                Effect.andThen(wait),
                Effect.map(() => keys.map((key) => [key, `${key} renewed`] as const))
              ),
            usedWithin: Duration.seconds(15)
          }
        })
        return { asked, memo, renewed }
      })

    it.effect("what is used every 12 s is queried once, and then read with the others at most every 5 s", () =>
      Effect.gen(function*() {
        const { asked, memo, renewed } = yield* renewing()
        for (let time = 0; time < 10; time++) {
          assert.strictEqual(yield* memo.get("a"), time === 0 ? "a1" : "a renewed")
          assert.strictEqual(yield* memo.get("b"), time === 0 ? "b2" : "b renewed")
          yield* TestClock.adjust("12 seconds")
        }
        assert.deepStrictEqual(asked, ["a", "b"])
        assert.isAtMost(renewed.length, 24)
        for (const keys of renewed) assert.deepStrictEqual(keys, ["a", "b"])
      }))

    it.effect("what is no longer used is read for 15 s more, and then dropped", () =>
      Effect.gen(function*() {
        const { memo, renewed } = yield* renewing()
        yield* memo.get("a")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(memo.peek("a"), undefined)
        assert.strictEqual(renewed.length, 3)
      }))

    it.effect("an answer that the renewal brings and `keep` refuses is dropped", () =>
      Effect.gen(function*() {
        const memo = yield* makeMemo({
          lookup: (key: string) => Effect.succeed(key),
          keep: (answer) => answer !== "offline",
          maxAge,
          renewal: {
            lookup: (keys: ReadonlyArray<string>) => Effect.succeed(keys.map((key) => [key, "offline"] as const)),
            usedWithin: Duration.seconds(15)
          }
        })
        yield* memo.get("a")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(memo.peek("a"), undefined)
      }))

    it.effect("a key that is removed while the renewal reads it is not brought back", () =>
      Effect.gen(function*() {
        const gate = yield* Deferred.make<void>()
        const { memo } = yield* renewing(Deferred.await(gate))
        yield* memo.get("a")
        yield* memo.get("b")
        yield* TestClock.adjust("5 seconds")
        yield* memo.forget("a")
        yield* Deferred.succeed(gate, undefined)
        yield* TestClock.adjust(0)
        assert.strictEqual(memo.peek("a"), undefined)
        assert.strictEqual(memo.peek("b"), "b renewed")
      }))

    it.effect.each(["that fails", "that never ends"])(
      "a renewal %s makes no answer older than 10 s",
      (how) =>
        Effect.gen(function*() {
          const memo = yield* makeMemo({
            lookup: (key: string) => Effect.succeed(key),
            keep: () => true,
            maxAge,
            renewal: {
              lookup: () => how === "that fails" ? Effect.fail("down") : Effect.never,
              usedWithin: Duration.seconds(15)
            }
          })
          yield* memo.get("a")
          yield* TestClock.adjust("9999 millis")
          assert.strictEqual(memo.peek("a"), "a")
          yield* TestClock.adjust("1 millis")
          assert.strictEqual(memo.peek("a"), undefined)
          assert.strictEqual(yield* memo.get("a"), "a")
        })
    )
  })
})
