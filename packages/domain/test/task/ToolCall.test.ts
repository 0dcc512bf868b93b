import { assert, describe, it } from "@effect/vitest"
import { ToolCall } from "@muster/domain"

describe("a call of a tool", () => {
  it("keeps what its events told, and its first time and end", () => {
    const begun = ToolCall.next(undefined, { kind: "tool", id: "c", status: "pending", tool: "execute" }, 10)
    assert.deepInclude(begun, { title: "execute", tool: "execute", since: 10, endedAt: null })
    const titled = ToolCall.next(begun, { kind: "tool", id: "c", status: "running", title: "ls", input: { a: 1 } }, 20)
    assert.deepInclude(titled, { title: "ls", tool: "execute", input: { a: 1 }, since: 10, endedAt: null })
    const ended = ToolCall.next(titled, { kind: "tool", id: "c", status: "completed" }, 30)
    assert.deepInclude(ended, { title: "ls", input: { a: 1 }, since: 10, endedAt: 30 })
    assert.strictEqual(ToolCall.next(ended, { kind: "tool", id: "c", status: "completed" }, 40).endedAt, 30)
    assert.isTrue(ToolCall.isOver(ended))
    assert.isFalse(ToolCall.isOver(titled))
  })

  it("beyond the bound the oldest is forgotten", () => {
    const calls = new Map<string, number>()
    for (let n = 0; n <= ToolCall.maxFollowed; n++) ToolCall.remember(calls, `${n}`, n)
    ToolCall.remember(calls, "5", 50)
    assert.strictEqual(calls.size, ToolCall.maxFollowed)
    assert.deepStrictEqual([calls.has("0"), calls.get("5")], [false, 50])
  })
})
