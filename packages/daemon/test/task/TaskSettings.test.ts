import { assert, describe, it } from "@effect/vitest"
import { defaultSlots, maxSlots, taskSlots } from "../../src/client/taskSlots.ts"

describe("the settings of tasks", () => {
  it("T-26 MUSTER_TASK_SLOTS is a whole number of 0 to 32, and anything else is the default", () => {
    assert.strictEqual(taskSlots({ MUSTER_TASK_SLOTS: "0" }), 0)
    assert.strictEqual(taskSlots({ MUSTER_TASK_SLOTS: ` ${maxSlots} ` }), maxSlots)
    for (const text of [undefined, "", " ", "three", "-1", "1.5", `${maxSlots + 1}`, "NaN"]) {
      assert.strictEqual(taskSlots({ MUSTER_TASK_SLOTS: text }), defaultSlots, text)
    }
  })
})
