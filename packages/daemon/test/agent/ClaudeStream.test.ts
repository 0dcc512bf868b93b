import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import { join } from "node:path"
import type { AgentEvent, AgentStart } from "../../src/agent/AgentDriver.ts"
import { claudeStream } from "../../src/agent/ClaudeStream.ts"
import { folder, program } from "../process/Folder.ts"

/** A stand-in with the lines of Claude Code 2.1.197, as they were recorded. */
const recorded = `
const send = (message) => process.stdout.write(JSON.stringify(message) + "\\n")
const result = (fields) => send({ type: "result", subtype: "success", is_error: false, result: "done", session_id: "c-1",
  total_cost_usd: 0.01, usage: { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 30, cache_creation_input_tokens: 10 }, modelUsage: {
    "claude-sonnet": { inputTokens: 100, outputTokens: 20, cacheReadInputTokens: 30, cacheCreationInputTokens: 10, costUSD: 0.008 },
    "claude-haiku": { inputTokens: 5, outputTokens: 1, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, costUSD: 0.002 }
  }, ...fields })
if (process.argv.includes("gone")) {
  process.stderr.write("No conversation found with session ID: gone\\n")
  result({ subtype: "error_during_execution", is_error: true, result: undefined, session_id: "gone", usage: {}, modelUsage: {},
    errors: ["No conversation found with session ID: gone"] })
  process.exit(1)
}
let failed = false
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line)
  if (message.type === "control_request") {
    send({ type: "control_response", response: { subtype: "success", request_id: message.request_id, response: {} } })
    if (message.request.subtype === "interrupt") { failed = true; result({ subtype: "error_during_execution", is_error: true }) }
    return
  }
  if (message.type === "control_response") {
    const { behavior } = message.response.response
    send({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t-1", content: [{ type: "text", text: behavior }], is_error: behavior !== "allow" }] } })
    return result()
  }
  const text = message.message.content[0].text
  send({ type: "system", subtype: "init", session_id: "c-1", model: "claude-sonnet" })
  if (text === "slow") return send({ type: "stream_event", event: { type: "content_block_delta", delta: { type: "text_delta", text: "word" } } })
  if (text === "fail") return result({ is_error: true, result: "no credit left" })
  send({ type: "assistant", message: { content: [{ type: "text", text: "I will" }, { type: "tool_use", id: "t-1", name: "Write", input: { file_path: "/a" } }] } })
  send({ type: "control_request", request_id: "q-1", request: { subtype: "can_use_tool", tool_name: "Write", tool_use_id: "t-1", input: { file_path: "/a" } } })
}).on("close", () => process.exit(failed ? 1 : 0))
`

const place = Effect.gen(function*() {
  const root = yield* folder
  const path = yield* program(join(root, "claude"), recorded)
  const events: Array<AgentEvent> = []
  const start = (more: Partial<AgentStart> = {}) =>
    claudeStream.start(
      { cli: { path, host: {} }, cwd: root, env: { PATH: "/usr/bin:/bin" }, permissions: "all", ...more },
      (event) => Effect.sync(() => void events.push(event))
    )
  return { events, start }
})

describe("claude", () => {
  it.live("T-13 shows its text and tools, answers its question by the policy, and reports usage and session", () =>
    Effect.gen(function*() {
      for (
        const [permissions, behavior, status] of [["all", "allow", "completed"], ["none", "deny", "failed"]] as const
      ) {
        const { events, start } = yield* place
        const session = yield* start({ permissions })
        assert.deepStrictEqual(yield* session.prompt("write"), { stop: "end" })
        assert.deepStrictEqual(events.map(({ _tag }) => _tag), [
          "Text",
          "Tool",
          "Permission",
          "Output",
          "Tool",
          "Usage",
          "Usage"
        ])
        assert.deepInclude(events[1], { title: "Write /a", kind: "edit", status: "running" })
        assert.deepInclude(events[3], { tool: "t-1", text: behavior })
        assert.deepInclude(events[4], { id: "t-1", status })
        assert.deepInclude(events[5], {
          inputTokens: 100,
          outputTokens: 20,
          cacheReadTokens: 30,
          cacheWriteTokens: 10,
          costUsd: 0.008,
          model: "claude-sonnet"
        })
        assert.deepInclude(events[6], { inputTokens: 5, costUsd: 0.002, model: "claude-haiku" })
        assert.deepStrictEqual(yield* session.sessionId, Option.some("c-1"))
      }
    }))

  it.live("T-19 an interrupt is a cancel, although claude calls it an error and exits with 1", () =>
    Effect.gen(function*() {
      const { events, start } = yield* place
      const session = yield* start()
      const turn = yield* Effect.forkChild(session.prompt("slow"))
      yield* Effect.sync(() => events.length).pipe(Effect.repeat({ until: (count) => count > 0 }))
      yield* session.cancel
      assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "cancelled" })
      yield* session.endInput
      assert.strictEqual((yield* session.exited).exitCode, 1)
    }))

  it.live("goes on with a session, and starts a new one when that is gone", () =>
    Effect.gen(function*() {
      const { events, start } = yield* place
      assert.isTrue((yield* start({ session: "c-1" })).resumed)
      const session = yield* start({ session: "gone" })
      assert.isFalse(session.resumed)
      assert.deepStrictEqual(events, [])
      assert.deepStrictEqual(yield* session.prompt("write"), { stop: "end" })
      assert.deepStrictEqual(yield* session.sessionId, Option.some("c-1"))
    }))

  it.live("an error is said in claude's own words", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("fail"), { stop: "error", message: "no credit left" })
    }))
})
