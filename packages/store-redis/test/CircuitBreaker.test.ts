import { assert, describe, it } from "@effect/vitest"
import { CircuitBreaker } from "../src/connection/CircuitBreakers.ts"

const opened = (at = 0) => {
  const breaker = new CircuitBreaker()
  for (let failure = 0; failure < 3; failure++) breaker.fail(at, false)
  return breaker
}

describe("CircuitBreaker", () => {
  it("admits every call until three in a row failed", () => {
    const breaker = new CircuitBreaker()
    for (let failure = 0; failure < 5; failure++) {
      if (failure === 2) breaker.close()
      assert.isTrue(breaker.admits(0))
      breaker.fail(0, false)
    }
    assert.isFalse(breaker.admits(999))
  })

  it("opens immediately if the next call is sure to fail", () => {
    const breaker = new CircuitBreaker()
    assert.isTrue(breaker.fail(0, true))
    assert.isFalse(breaker.admits(0))
  })

  it("admits one trial call a second until one succeeds, then every call", () => {
    const breaker = opened()
    assert.deepStrictEqual([999, 1_000, 1_000, 1_999, 2_000].map((now) => breaker.admits(now)), [
      false,
      true,
      false,
      false,
      true
    ])
    breaker.fail(2_500, false)
    assert.isFalse(breaker.admits(3_499))
    assert.isTrue(breaker.close())
    assert.isTrue(breaker.admits(3_499))
    assert.isFalse(breaker.close())
  })

  it("reports when it opens, once per ten minutes while it is open, and when it closes", () => {
    const breaker = new CircuitBreaker()
    const told = [0, 0, 0, 1_000, 599_999, 600_000, 600_001].filter((now) => breaker.fail(now, false))
    assert.deepStrictEqual(told, [0, 600_000])
    assert.strictEqual(breaker.failures, 7)
    assert.isTrue(breaker.close())
    assert.strictEqual(breaker.failures, 0)
  })
})
