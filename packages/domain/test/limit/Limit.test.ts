import { assert, describe, it } from "@effect/vitest"
import { Limit } from "@muster/domain"

describe("the rules of limits", () => {
  it("A-08 in any span of a window at most twice the burst is granted, for any calls", () => {
    const bucket = { max: 20, window: 1_000 }
    let [full, now, granted]: [number | undefined, number, Array<[number, number]>] = [undefined, 1_800_000_000_000, []]
    for (let n = 0; n < 2_000; n++) {
      now += (n * 7919) % 90
      const taken = Limit.take(full, bucket, 1 + (n * 31) % 20, now)
      full = taken.full
      granted.push([now, taken.granted])
      const recent = granted.filter(([at]) => at > now - bucket.window).reduce((sum, [, count]) => sum + count, 0)
      assert.isAtMost(recent, 2 * bucket.max)
      if (taken.granted === 0) {
        assert.strictEqual(Limit.take(full, bucket, 1, now + taken.retryAfter).granted, 1)
        assert.strictEqual(Limit.take(full, bucket, 1, now + taken.retryAfter - 1).granted, 0)
      }
    }
    granted = []
  })

  it("A-08 every limit refuses in one sentence with the number, the scope and the time of the next try", () => {
    for (const name of Limit.names) {
      assert.match(
        Limit.refusal(name, 90_000),
        /^too many [a-z -]+ \(at most \d+ in (an hour|a minute|\d+ minutes)\): try again in 90 seconds$/
      )
    }
    assert.strictEqual(
      Limit.refusal("sign_ins", 300_000),
      "too many sign-ins from this address (at most 300 in 5 minutes): try again in 5 minutes"
    )
    assert.include(Limit.refusal("calls", 1), "try again in 1 second")
  })

  it("A-08 every limit has whole numbers, and takes in advance less than a fiftieth", () => {
    for (const { batch, max, window } of Object.values(Limit.rules)) {
      for (const value of [batch, max, window]) assert.isTrue(Number.isInteger(value) && value >= 1)
      assert.isTrue(batch === 1 || batch <= max / 50)
    }
  })
})
