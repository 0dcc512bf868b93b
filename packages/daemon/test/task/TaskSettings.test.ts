import { assert, describe, it } from "@effect/vitest"
import { defaultSlots, maxSlots, slotsFrom } from "../../src/task/TaskSettings.ts"

describe("the settings of tasks", () => {
  it("T-26 MUSTER_TASK_SLOTS is a whole number of 0 to 32, and anything else is the default", () => {
    assert.strictEqual(slotsFrom("0"), 0)
    assert.strictEqual(slotsFrom(` ${maxSlots} `), maxSlots)
    for (const text of [undefined, "", " ", "three", "-1", "1.5", `${maxSlots + 1}`, "NaN"]) {
      assert.strictEqual(slotsFrom(text), defaultSlots, text)
    }
  })
})
