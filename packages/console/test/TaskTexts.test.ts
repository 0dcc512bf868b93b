import { assert, describe, it } from "@effect/vitest"
import { displayLine, displayText } from "../src/tasks/displayText.ts"
import { labelOf, titleOf, tokensOf } from "../src/tasks/TaskLabels.ts"
import { parametersOf, readTaskSearch, writeTaskSearch } from "../src/tasks/TaskSearch.ts"

describe("what a machine wrote, for display", () => {
  it("terminal sequences leave no trace, and a line shows what was written over it", () => {
    assert.strictEqual(
      displayText("\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 \u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\"),
      "red link"
    )
    assert.strictEqual(displayText("10 %\r20 %\r100 %\r\ndone\r\n"), "100 %\ndone\n")
  })

  it("other control characters and marks of direction are visible", () => {
    assert.strictEqual(
      displayText("a\u0000b\u0007\tc\u202Ed\u2066\u2028e\u001b"),
      "a\uFFFDb\uFFFD\tc\uFFFDd\uFFFD\uFFFDe\uFFFD"
    )
  })

  it("of a sequence without an end, the text stays", () => {
    assert.strictEqual(displayText(`\u001b]${"x".repeat(100_000)}`), "x".repeat(100_000))
    assert.strictEqual(displayText("\u001b]x".repeat(20_000)), "x".repeat(20_000))
  })

  it("as one line", () => {
    assert.strictEqual(displayLine("  a\n  b\r\nc \n"), "a b c")
  })
})

describe("what a task is called", () => {
  it("by the first line of its prompt that has text", () => {
    assert.strictEqual(titleOf({ prompt: "\n \n  Fix it  \nnow" }), "Fix it")
    assert.strictEqual(titleOf({ prompt: "\u001b[0m\nnow" }), "Task")
  })

  it("T-18 a cancel that the daemon did not confirm is not shown as one that it did", () => {
    assert.strictEqual(labelOf({ status: "cancelled", confirmed: true }).name, "canceled")
    assert.strictEqual(labelOf({ status: "cancelled", confirmed: false }).name, "canceled, unconfirmed")
    assert.strictEqual(labelOf({ status: "cancelling", confirmed: null }).name, "canceling")
  })

  it("tokens are those of all models and attempts", () => {
    const usage = {
      provider: "codex",
      model: "m",
      inputTokens: 900,
      outputTokens: 99,
      cacheReadTokens: 5,
      cacheWriteTokens: 5
    }
    assert.isUndefined(tokensOf({ usage: [] }))
    assert.strictEqual(tokensOf({ usage: [usage] }), "999 tokens")
    assert.strictEqual(tokensOf({ usage: [usage, usage] }), "2.0k tokens")
  })
})

describe("the address of the list of tasks", () => {
  it("has what is not a default, and is read back", () => {
    const search = { status: "active", runtime: "r1", mine: true, after: "5_x" } as const
    assert.strictEqual(writeTaskSearch(search), "?status=active&runtime=r1&by=me&after=5_x")
    assert.deepStrictEqual(readTaskSearch(writeTaskSearch(search)), search)
    assert.strictEqual(writeTaskSearch(readTaskSearch("")), "")
    assert.isUndefined(readTaskSearch("?status=constructor&by=you").status)
    assert.deepStrictEqual(parametersOf(search), {
      status: "dispatched,running,cancelling",
      runtime_id: "r1",
      by: "me",
      after: "5_x"
    })
  })
})
