import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Limit } from "@muster/domain"
import { Effect, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { allUnavailable } from "../runtime/Outage.ts"

interface LimitNode {
  readonly limits: Limit.LimitStore["Service"]
}

/** What a backend's test file supplies; see `StoreBackend`. */
export interface LimitBackend {
  readonly name: string
  /** Two nodes on an empty backend, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<
    { readonly a: LimitNode; readonly b: LimitNode; readonly outage: Effect.Effect<void> },
    unknown,
    Scope.Scope
  >
}

/** Ten in a burst, and one more each 6 s. */
const bucket: Limit.Bucket = { max: 10, window: 60_000 }
const step = 6_000
const start = 1_800_000_000_000

const scene = (backend: LimitBackend) => Effect.andThen(TestClock.setTime(start), backend.nodes)

/** What every LimitStore does, on two nodes of one backend. */
export const limitStoreSuite = (backend: LimitBackend): void => {
  describe(`limits · ${backend.name}`, () => {
    it.effect("A-08 two nodes together are granted the capacity, and get the time until there is more", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        const granted: Array<number> = []
        for (let n = 0; n < 6; n++) {
          granted.push((yield* a.limits.take("k", bucket, 1)).granted, (yield* b.limits.take("k", bucket, 1)).granted)
        }
        deepStrictEqual(granted, [...Array.from({ length: 10 }, () => 1), 0, 0])
        deepStrictEqual(yield* a.limits.take("k", bucket, 1), { granted: 0, retryAfter: step })
        yield* TestClock.adjust(step - 1)
        deepStrictEqual(yield* b.limits.take("k", bucket, 1), { granted: 0, retryAfter: 1 })
        yield* TestClock.adjust(1)
        deepStrictEqual(yield* b.limits.take("k", bucket, 1), { granted: 1, retryAfter: 0 })
        deepStrictEqual(yield* a.limits.take("k", bucket, 1), { granted: 0, retryAfter: step })
      }))

    it.effect("A-08 a take of more than the remainder gets the remainder", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        const granted = yield* Effect.forEach([4, 4, 4, 1], (wanted, n) =>
          Effect.map((n % 2 === 0 ? a : b).limits.take("k", bucket, wanted), ({ granted }) => granted))
        deepStrictEqual(granted, [4, 4, 2, 0])
        yield* TestClock.adjust(3 * step)
        strictEqual((yield* a.limits.take("k", bucket, 10)).granted, 3)
      }))

    it.effect("A-08 an unused bucket holds at most its maximum, and keys are independent", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        yield* a.limits.take("k", bucket, 10)
        strictEqual((yield* b.limits.take("other", bucket, 10)).granted, 10)
        yield* TestClock.adjust(100 * bucket.window)
        deepStrictEqual(
          [(yield* b.limits.take("k", bucket, 10)).granted, (yield* a.limits.take("k", bucket, 10)).granted],
          [10, 0]
        )
      }))

    it.effect("A-08 of many concurrent takes on two nodes at most the capacity is granted", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        const takes = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? a : b).limits.take("k", bucket, 1))
        const taken = yield* Effect.all(takes, { concurrency: "unbounded" })
        strictEqual(taken.filter(({ granted }) => granted === 1).length, bucket.max)
        assertTrue(taken.every(({ granted, retryAfter }) => granted === 1 ? retryAfter === 0 : retryAfter === step))
      }))

    it.effect("A-08 any order of takes and times gives the rule's result", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        const odd: Limit.Bucket = { max: 7, window: 1_000 }
        let [full, now]: [number | undefined, number] = [undefined, start]
        for (let n = 0; n < 60; n++) {
          const [wanted, pause] = [1 + (n * 5) % 7, (n * 37) % 200]
          yield* TestClock.adjust(pause)
          now += pause
          const expected = Limit.take(full, odd, wanted, now)
          full = expected.full
          deepStrictEqual(yield* (n % 2 === 0 ? a : b).limits.take("k", odd, wanted), {
            granted: expected.granted,
            retryAfter: expected.retryAfter
          })
        }
      }))

    it.effect("A-08 pruning removes nothing that still counts; any key is accepted", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        const keys = ["sign_ins 2001:db8::/64", "calls a'b\"c{d}", "x".repeat(200)]
        yield* Effect.forEach(keys, (key) => a.limits.take(key, bucket, 10))
        yield* TestClock.adjust(bucket.window - 1)
        yield* b.limits.prune
        for (const key of keys) strictEqual((yield* b.limits.take(key, bucket, 10)).granted, 9)
        yield* TestClock.adjust(2 * bucket.window)
        yield* a.limits.prune
        for (const key of keys) strictEqual((yield* b.limits.take(key, bucket, 10)).granted, 10)
      }))

    it.effect("A-08 a bucket that holds less than before grants nothing until it has room", () =>
      Effect.gen(function*() {
        const { a, b } = yield* scene(backend)
        yield* a.limits.take("k", bucket, 10)
        const smaller: Limit.Bucket = { max: 2, window: bucket.window / 2 }
        // It is full in 60 s; the smaller one has room for one 15 s before, less the 15 s of the other.
        deepStrictEqual(yield* b.limits.take("k", smaller, 2), { granted: 0, retryAfter: 45_000 })
        yield* TestClock.adjust(45_000)
        deepStrictEqual(yield* b.limits.take("k", smaller, 2), { granted: 1, retryAfter: 0 })
      }))

    it.effect("A-08 with the backend down every call is unavailable, never granted and never refused", () =>
      Effect.gen(function*() {
        const { a, outage } = yield* scene(backend)
        yield* a.limits.take("k", bucket, 1)
        yield* outage
        yield* allUnavailable([a.limits.take("k", bucket, 1)])
      }))
  })
}
