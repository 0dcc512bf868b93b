import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { HashMap, Schema } from "effect"
import { onInterval, onWake, type Recent } from "../../src/beat/WakeBeats.ts"

const id = Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000001")

describe("beats for wakes", () => {
  it.prop(
    "F-18 no two beats within an interval, and a beat after every wake",
    [Schema.Array(Schema.Literals(["wake", "interval"]))],
    ([steps]) => {
      let state: Recent = HashMap.empty()
      /** Whether less than an interval has passed since the last beat, and whether a wake came after it. */
      let [recently, owed] = [false, false]
      const wake = () => {
        const [beat, next] = onWake(state, id)
        assert.strictEqual(beat, !recently)
        state = next
        owed = !beat
        recently = true
      }
      const interval = () => {
        const [beat, next] = onInterval(state, id)
        assert.strictEqual(beat, owed)
        state = next
        recently = beat
        owed = false
      }
      for (const step of steps) {
        if (step === "wake") wake()
        else if (recently) interval()
      }
      if (recently) interval()
      if (recently) interval()
      return !owed && HashMap.isEmpty(state)
    }
  )
})
