import { assert, describe, it } from "@effect/vitest"
import type { TaskEvent } from "@muster/domain"
import { legacyMessages } from "../../src/client/LegacyMessages.ts"

const numbered = (...bodies: ReadonlyArray<TaskEvent.Body>): ReadonlyArray<TaskEvent.Sent> =>
  bodies.map((body, index) => ({ seq: index + 1, at: 0, body }))

const tool = (id: string, status: TaskEvent.ToolStatus, more: object = {}) =>
  ({ kind: "tool", id, status, ...more }) as const

const events = numbered(
  { kind: "turn", phase: "begin", number: 1 },
  { kind: "thought", text: "hm" },
  tool("t1", "pending", { title: "run", tool: "execute" }),
  tool("t1", "running", { input: { command: "ls" } }),
  { kind: "output", id: "t1", offset: 0, text: "a\n" },
  tool("t2", "running", { tool: "read", input: "file" }),
  { kind: "gap", id: "t1", bytes: 9 },
  { kind: "output", id: "t1", offset: 11, text: "b\n" },
  tool("t1", "completed"),
  tool("t2", "failed"),
  tool("t3", "completed", { title: "at once" }),
  { kind: "permission", id: "t4", title: "write a file", answer: "rejected" },
  { kind: "text", text: "done" },
  { kind: "error", text: "a warning" }
)

describe("the messages of a v0.3.1 server", () => {
  it("T-38 has one use of each tool with its input, and one result with its output", () => {
    const [open, messages] = legacyMessages(new Map(), events)
    assert.strictEqual(open.size, 0)
    assert.deepStrictEqual(messages, [
      { seq: 3, type: "thinking", content: "hm" },
      { seq: 7, type: "tool_use", tool: "run", input: { command: "ls" } },
      { seq: 11, type: "tool_use", tool: "read", input: { input: "file" } },
      { seq: 17, type: "tool_result", tool: "run", output: "a\nb\n" },
      { seq: 19, type: "tool_result", tool: "read", output: "" },
      { seq: 21, type: "tool_use", tool: "at once", input: {} },
      { seq: 22, type: "tool_result", tool: "at once", output: "" },
      { seq: 23, type: "error", content: "not permitted: write a file" },
      { seq: 25, type: "text", content: "done" },
      { seq: 27, type: "error", content: "a warning" }
    ])
  })

  it("T-38 are the same however the events are cut into parts", () => {
    const [, whole] = legacyMessages(new Map(), events)
    for (let at = 0; at <= events.length; at++) {
      const [open, first] = legacyMessages(new Map(), events.slice(0, at))
      const [, rest] = legacyMessages(open, events.slice(at))
      assert.deepStrictEqual([...first, ...rest], whole)
    }
  })

  it("T-38 have at most 8,192 bytes of output, in whole characters, and follow at most 256 tools", () => {
    const output = numbered(
      { kind: "output", id: "t", offset: 0, text: "x".repeat(8_190) },
      { kind: "output", id: "t", offset: 8_190, text: "€€" },
      tool("t", "completed", { title: "run" })
    )
    const result = legacyMessages(new Map(), output)[1].at(-1)!
    assert.strictEqual(result.output, "x".repeat(8_190))
    const many = numbered(...Array.from({ length: 300 }, (_, n) => tool(`t${n}`, "running", { title: "run" })))
    assert.strictEqual(legacyMessages(new Map(), many)[0].size, 256)
  })
})
