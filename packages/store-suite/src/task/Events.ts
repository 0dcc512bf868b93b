import { TaskEvent } from "@muster/domain"

export const text = (n: number): TaskEvent.Body => ({ kind: "text", text: `größe 🧭 ${n}\n` })

/** `count` numbered texts from this number on. */
export const textsFrom = (first: number, count: number): ReadonlyArray<TaskEvent.Sent> =>
  Array.from({ length: count }, (_, i) => ({ seq: first + i, at: first + i, body: text(first + i) }))

/** One body of each kind, with values that a store may damage. */
export const everyBody: ReadonlyArray<TaskEvent.Body> = [
  {
    kind: "attempt",
    number: 1,
    provider: "codex",
    version: "0.171.0",
    model: null,
    folder: "/srv/größe",
    policy: "all",
    resumed: false
  },
  { kind: "turn", phase: "begin", number: 1 },
  { kind: "text", text: "🧭".repeat(TaskEvent.maxEventText / 2) },
  { kind: "thought", text: "" },
  {
    kind: "tool",
    id: "call_1",
    status: "pending",
    title: "\"quoted\" \\ back\nslash",
    tool: "execute",
    input: { order: [3, 1, 2], empty: { list: [], object: {}, text: "" }, nothing: null, number: 1e21, "": true }
  },
  { kind: "tool", id: "call_1", status: "completed" },
  { kind: "output", id: "call_1", offset: 9_007_199_254_740_991, text: "\u001b[31mred\u001b[0m\r\n\t\u0007" },
  { kind: "gap", id: null, bytes: 1_048_576 },
  { kind: "gap", id: "call_1", bytes: 1 },
  { kind: "plan", entries: [{ text: "é\u0301", status: "pending" }] },
  { kind: "permission", id: "call_1", title: "rm", answer: "rejected" },
  {
    kind: "usage",
    model: "gpt-x",
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    costUsd: 0.1,
    meaning: "turn"
  },
  { kind: "notice", text: "starting opencode" },
  { kind: "error", text: "no disk" },
  { kind: "turn", phase: "end", number: 1, stopReason: "end" }
]
