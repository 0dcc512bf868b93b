import { assert, describe, it } from "@effect/vitest"
import { Masks } from "@muster/domain"
import { EventShaper } from "../../src/task/EventShaper.ts"

const shaped = (input: unknown) => {
  const [event] = new EventShaper(Masks.make([])).push({ _tag: "Tool", id: "1", status: "running", input })
  return event?.kind === "tool" ? event.input : undefined
}

describe("the input of a tool", () => {
  it("T-31 is logged however deep an agent nests it, without what is deeper than 100 levels", () => {
    for (const [open, close] of [["[", "]"], ["{\"a\":", "}"]] as const) {
      const deep = JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`)
      assert.strictEqual(JSON.stringify(shaped(deep)), `${open.repeat(100)}"…"${close.repeat(100)}`)
    }
    assert.deepStrictEqual(shaped({ list: [1, { b: null }] }), { list: [1, { b: null }] })
  })
})
