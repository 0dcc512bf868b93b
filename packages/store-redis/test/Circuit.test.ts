import { assert, describe, it } from "@effect/vitest"
import { Circuit } from "../src/connection/Circuit.ts"

const opened = (at = 0) => {
  const circuit = new Circuit()
  for (let failure = 0; failure < 3; failure++) circuit.fail(at, false)
  return circuit
}

describe("Circuit", () => {
  it("lets everything through until three calls in a row failed", () => {
    const circuit = new Circuit()
    for (let failure = 0; failure < 5; failure++) {
      if (failure === 2) circuit.close()
      assert.isTrue(circuit.admits(0))
      circuit.fail(0, false)
    }
    assert.isFalse(circuit.admits(999))
  })

  it("opens at once where the next call is sure to fail", () => {
    const circuit = new Circuit()
    assert.isTrue(circuit.fail(0, true))
    assert.isFalse(circuit.admits(0))
  })

  it("lets one call a second try, whatever becomes of it, and everything after a success", () => {
    const circuit = opened()
    assert.deepStrictEqual([999, 1_000, 1_000, 1_999, 2_000].map((now) => circuit.admits(now)), [
      false,
      true,
      false,
      false,
      true
    ])
    circuit.fail(2_500, false)
    assert.isFalse(circuit.admits(3_499))
    assert.isTrue(circuit.close())
    assert.isTrue(circuit.admits(3_499))
    assert.isFalse(circuit.close())
  })

  it("is told when it opens, once per ten minutes while it stays so, and when it closes", () => {
    const circuit = new Circuit()
    const told = [0, 0, 0, 1_000, 599_999, 600_000, 600_001].filter((now) => circuit.fail(now, false))
    assert.deepStrictEqual(told, [0, 600_000])
    assert.strictEqual(circuit.failures, 7)
    assert.isTrue(circuit.close())
    assert.strictEqual(circuit.failures, 0)
  })
})
