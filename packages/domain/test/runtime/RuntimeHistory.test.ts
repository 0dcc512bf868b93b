import { assert, describe, it } from "@effect/vitest"
import { RuntimeHistory } from "@muster/domain"

const { bucketMs, dayOf, maxBuckets } = RuntimeHistory
const minute = 60_000

/** The end of bucket 999, all of which is written. */
const now = 1_000 * bucketMs + 95_000
const last = 999

const bucket = (n: number, beats: number, interval = 15_000) => ({
  at: n * bucketMs,
  beats,
  covered: beats * interval,
  maxMs: 7
})

const all = (from: number, beats: number) => Array.from({ length: last - from + 1 }, (_, i) => bucket(from + i, beats))

describe("dayOf", () => {
  it("A-11 a day of beats is an uptime of 1, also at a wider interval and with one beat lost", () => {
    const from = last - maxBuckets + 1
    for (
      const recorded of [all(from, 40), all(from, 39), all(from, 20).map((one) => ({ ...one, covered: bucketMs }))]
    ) {
      const { buckets, uptime } = dayOf(recorded, 0, now)
      assert.deepStrictEqual([uptime, new Set(buckets.map(({ up }) => up))], [1, new Set([1])])
      assert.isAtMost(buckets.length, maxBuckets)
    }
  })

  it("A-11 a bucket without beats is down, one with half of them is half up", () => {
    const { buckets, uptime } = dayOf(
      [bucket(last - 3, 40), bucket(last - 1, 20), bucket(last, 40)],
      (last - 3) * bucketMs,
      now
    )
    assert.deepStrictEqual(buckets.map(({ beats, maxMs, up }) => [beats, maxMs, up]), [
      [40, 7, 1],
      [0, null, 0],
      [20, 7, 0.5],
      [40, 7, 1]
    ])
    assert.strictEqual(uptime, 2.5 / 4)
  })

  it("A-11 time before the registration and time that is not written yet do not count", () => {
    const registered = last * bucketMs + 5 * minute
    assert.strictEqual(dayOf([bucket(last, 20)], registered, now).uptime, 1)
    assert.deepStrictEqual(dayOf([bucket(last, 1)], now - 100_000, now), { buckets: [], uptime: null })
    const soon = (last + 1) * bucketMs + 5 * minute
    const running = dayOf([bucket(last, 40), bucket(last + 1, 14)], last * bucketMs, soon)
    assert.deepStrictEqual([running.buckets.length, running.uptime], [2, 1])
  })
})
