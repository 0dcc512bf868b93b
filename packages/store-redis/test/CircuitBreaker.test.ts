import { assert, describe, it } from "@effect/vitest"
import { CircuitBreaker } from "../src/connection/CircuitBreakers.ts"

const opened = (at = 0) => {
  const breaker = new CircuitBreaker()
  for (let failure = 0; failure < 3; failure++) breaker.fail(at, false)
  return breaker
}

describe("CircuitBreaker", () => {
  it("lets everything through until three calls in a row failed", () => {
    const breaker = new CircuitBreaker()
    for (let failure = 0; failure < 5; failure++) {
      if (failure === 2) breaker.close()
      assert.isTrue(breaker.admits(0))
      breaker.fail(0, false)
    }
    assert.isFalse(breaker.admits(999))
  })

  it("opens at once where the next call is sure to fail", () => {
    const breaker = new CircuitBreaker()
    assert.isTrue(breaker.fail(0, true))
    assert.isFalse(breaker.admits(0))
  })

  it("lets one call a second try, whatever becomes of it, and everything after a success", () => {
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

  it("is told when it opens, once per ten minutes while it stays so, and when it closes", () => {
    const breaker = new CircuitBreaker()
    const told = [0, 0, 0, 1_000, 599_999, 600_000, 600_001].filter((now) => breaker.fail(now, false))
    assert.deepStrictEqual(told, [0, 600_000])
    assert.strictEqual(breaker.failures, 7)
    assert.isTrue(breaker.close())
    assert.strictEqual(breaker.failures, 0)
  })
})
