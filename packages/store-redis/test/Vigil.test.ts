import { assert, describe, it } from "@effect/vitest"
import { Vigil } from "../src/connection/Vigil.ts"

/** A vigil in a process whose time passes, and whose event loop turns, only as it is told. */
const scene = () => {
  let now = 0
  let turns: Array<() => void> = []
  const vigil = new Vigil({ now: () => now, atNextTurn: (callback) => void turns.push(callback) })
  const pass = (ms: number) => {
    now += ms
  }
  /** The loop turns once: whether anything keeps it from falling asleep after that. */
  const turn = () => {
    const due = turns
    turns = []
    for (const callback of due) callback()
    return turns.length > 0
  }
  const roundTrip = (ms: number) => {
    const at = vigil.sent()
    pass(ms)
    vigil.answered(at)
    turn()
  }
  return { vigil, pass, turn, roundTrip, isAwake: () => turns.length > 0 }
}

describe("Vigil", () => {
  it("stays awake for the answer of a Redis near by, and no longer than that", () => {
    const { isAwake, pass, roundTrip, turn, vigil } = scene()
    roundTrip(0.1)
    const first = vigil.sent()
    const second = vigil.sent()
    assert.isTrue(isAwake())
    pass(0.1)
    assert.isTrue(turn())
    vigil.answered(first)
    assert.isTrue(turn())
    vigil.answered(second)
    assert.isFalse(turn())
  })

  it("falls asleep 0.25 ms after the latest command, whatever is under way", () => {
    const { isAwake, pass, roundTrip, turn, vigil } = scene()
    roundTrip(0.1)
    vigil.sent()
    pass(0.2)
    vigil.sent()
    pass(0.2)
    assert.isTrue(turn())
    pass(0.1)
    assert.isFalse(turn())
    vigil.sent()
    assert.isTrue(isAwake())
  })

  it("is not kept where answers are slow, or how slow they are is unknown, and is again once they are quick", () => {
    const { isAwake, pass, roundTrip, vigil } = scene()
    const first = vigil.sent()
    assert.isFalse(isAwake())
    pass(1)
    vigil.answered(first)
    vigil.answered(vigil.sent())
    assert.isFalse(isAwake())
    for (let i = 0; i < 40; i++) roundTrip(0.1)
    const quick = vigil.sent()
    assert.isTrue(isAwake())
    vigil.answered(quick)
    for (let i = 0; i < 40; i++) roundTrip(0.5)
    vigil.sent()
    assert.isFalse(isAwake())
  })
})
