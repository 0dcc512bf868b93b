import { assert, describe, it } from "@effect/vitest"
import { type Entry, linearizable, type Specification, unheard } from "../../src/history/Linearizable.ts"

type Register =
  | { readonly write: number }
  | { readonly read: number }

/** A register that holds one number, 0 at first. */
const register: Specification<number, Register> = {
  init: 0,
  step: (state, op) => "write" in op ? [op.write] : op.read === state ? [state] : [],
  key: String
}

const at = (called: number, returned: number, op: Register): Entry<Register> => ({ called, returned, op })

describe("the linearizability checker", () => {
  it("accepts an empty history, and a sequential one", () => {
    assert.isTrue(linearizable(register, []).linearizable)
    assert.isTrue(linearizable(register, [at(0, 1, { write: 1 }), at(2, 3, { read: 1 })]).linearizable)
  })

  it("accepts a read of the old or of the new value while a write is under way", () => {
    for (const read of [0, 1]) {
      assert.isTrue(linearizable(register, [at(0, 3, { write: 1 }), at(1, 2, { read })]).linearizable)
    }
  })

  it("rejects a read of what was never written", () => {
    assert.isFalse(linearizable(register, [at(0, 3, { write: 1 }), at(1, 2, { read: 2 })]).linearizable)
  })

  it("rejects a stale read after the write returned", () => {
    const verdict = linearizable(register, [at(0, 1, { write: 1 }), at(2, 3, { read: 0 })])
    assert.deepStrictEqual(verdict, { linearizable: false, longest: [{ write: 1 }] })
  })

  it("rejects the new value before the old one, although each alone is possible", () => {
    const history = [at(0, 9, { write: 1 }), at(1, 2, { read: 1 }), at(3, 4, { read: 0 })]
    assert.isFalse(linearizable(register, history).linearizable)
  })

  it("rejects two readers who disagree about the order of two writes", () => {
    const history = [
      at(0, 20, { write: 1 }),
      at(1, 21, { write: 2 }),
      at(2, 3, { read: 1 }),
      at(4, 5, { read: 2 }),
      at(6, 7, { read: 1 })
    ]
    assert.isFalse(linearizable(register, history).linearizable)
  })

  it("accepts a write without an answer at any moment after its call, or never", () => {
    for (const reads of [[0, 0], [0, 1], [1, 1]]) {
      const history = [at(0, unheard, { write: 1 }), ...reads.map((read, i) => at(2 * i + 1, 2 * i + 2, { read }))]
      assert.isTrue(linearizable(register, history).linearizable, reads.join())
    }
  })

  it("rejects a write without an answer before its call, twice, or undone", () => {
    const early = [at(0, 1, { read: 1 }), at(2, unheard, { write: 1 })]
    assert.isFalse(linearizable(register, early).linearizable)
    const undone = [at(0, unheard, { write: 1 }), at(1, 2, { read: 1 }), at(3, 4, { read: 0 })]
    assert.isFalse(linearizable(register, undone).linearizable)
    const again = [
      at(0, unheard, { write: 1 }),
      at(1, 2, { read: 1 }),
      at(3, 4, { write: 2 }),
      at(5, 6, { read: 1 })
    ]
    assert.isFalse(linearizable(register, again).linearizable)
  })

  it("checks a long history of overlapping writes quickly", () => {
    const writes = Array.from({ length: 40 }, (_, i) => at(i * 2, i * 2 + 5, { write: i % 3 }))
    assert.isTrue(linearizable(register, writes).linearizable)
  })
})
