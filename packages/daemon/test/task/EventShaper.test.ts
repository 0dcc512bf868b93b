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

/** What of a tool's output is logged, when it comes in these chunks. */
const logged = (chunks: ReadonlyArray<string>) => {
  const shaper = new EventShaper(Masks.make(["a-long-secret"]))
  const events = [...chunks.flatMap((text) => shaper.push({ _tag: "Output", tool: "1", text })), ...shaper.end()]
  return {
    text: events.flatMap((event) => event.kind === "output" ? [event.text] : []).join(""),
    gap: events.flatMap((event) => event.kind === "gap" ? [event.bytes] : [])
  }
}

describe("the output of a tool", () => {
  it("T-31 is the same however large its chunks are, with characters of two units and secrets anywhere", () => {
    for (let shift = 0; shift < 16; shift++) {
      const chunks = [
        "x".repeat(shift),
        ...Array.from({ length: 20_000 }, (_, n) => `👍${n % 9 === 0 ? "a-long-secret" : "word"}\n`)
      ]
      const whole = logged([chunks.join("")])
      assert.deepStrictEqual(logged(chunks), whole)
      assert.notInclude(whole.text, "\ufffd")
      assert.notInclude(whole.text, "a-long")
      assert.strictEqual(whole.gap.length, 1)
    }
  })
})
