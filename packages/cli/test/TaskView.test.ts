import { assert, describe, it } from "@effect/vitest"
import type { Api, TaskEvent } from "@muster/domain"
import { taskFailure } from "../src/task/TaskFailure.ts"
import { TaskView } from "../src/task/TaskView.ts"

const plain = (text: string) => text
const marked = (text: string) => `<${text}>`
const view = () => new TaskView({ bold: plain, dim: marked, green: plain, yellow: plain, red: plain })

/** What the view prints for these bodies, one second apart. */
const shown = (...bodies: ReadonlyArray<TaskEvent.Body>) => {
  const one = view()
  return bodies.map((body, index) =>
    one.show({ type: "event", event: { offset: index + 1, epoch: 1, at: index * 1_000, body } }).out
  ).join("")
}

describe("the view of a task", () => {
  it("T-40 shows text as it comes, thoughts dimmed, and one line per call of a tool with its outcome and time", () => {
    assert.strictEqual(
      shown(
        { kind: "thought", text: "Hm.\n" },
        { kind: "text", text: "I look" },
        { kind: "text", text: " at it" },
        { kind: "tool", id: "1", status: "pending", title: "ls" },
        { kind: "tool", id: "1", status: "running" },
        { kind: "output", id: "1", offset: 0, text: "a.txt" },
        { kind: "tool", id: "1", status: "completed" },
        { kind: "tool", id: "2", status: "failed", title: "rm" },
        { kind: "text", text: "Done." }
      ),
      "<Hm.\n>I look at it\n✓ ls<  3.0 s>\n✗ rm\nDone."
    )
  })

  it("shows no control characters of an agent, and keeps its lines", () => {
    assert.strictEqual(
      shown({ kind: "text", text: "a\u001B[2J\nb\n" }, { kind: "notice", text: "c\u0007\nd" }),
      "a [2J\nb\n<note: c d>\n"
    )
  })
})

describe("the exit code of a task", () => {
  const ended = { id: "3f2a91c0", status: "completed", rejections: 0, reason: null, error: null, confirmed: null }
  const codeOf = (fields: Partial<Api.TaskRecord>) =>
    taskFailure({ ...ended, ...fields } as Api.TaskRecord)?.exitCode ?? 0

  it("T-40 distinguishes completed, failed, canceled, rejected and timed out", () => {
    assert.strictEqual(codeOf({}), 0)
    assert.strictEqual(codeOf({ rejections: 1 }), 10)
    assert.strictEqual(codeOf({ status: "cancelled", confirmed: true }), 9)
    assert.strictEqual(codeOf({ status: "cancelled", confirmed: false }), 9)
    for (const reason of ["agent_error", "agent_died", "folder_refused", "provider_auth"] as const) {
      assert.strictEqual(codeOf({ status: "failed", reason }), 6, reason)
    }
    for (const reason of ["idle_timeout", "tool_timeout", "timeout", "start_timeout", "queued_expired"] as const) {
      assert.strictEqual(codeOf({ status: "failed", reason }), 11, reason)
    }
  })
})
