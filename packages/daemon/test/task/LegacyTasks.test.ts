import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { layerDaemonOver } from "../../src/Daemon.ts"
import { findMarked } from "../../src/task/TaskMark.ts"
import { fakeAcp } from "../agent/FakeAcp.ts"
import { folder, program } from "../process/Folder.ts"
import { W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { LegacyServer } from "../support/LegacyServer.ts"

const chat = "cccccccc-0000-4000-8000-000000000001"
const agent = "dddddddd-0000-4000-8000-000000000001"
const issue = "eeeeeeee-0000-4000-8000-000000000001"

/** A v0.3.1 server, and a machine with an agent that speaks ACP, whose daemons come and go. */
const legacyScene = Effect.gen(function*() {
  const server = yield* LegacyServer.make
  const root = yield* folder
  const dataDir = join(root, "data")
  const clis = new FakeClis()
  const path = yield* program(join(root, "gemini"), fakeAcp)
  clis.present = { found: [{ provider: "gemini", version: "1.0.0", path }], skipped: [], complete: true }
  server.wire.fake.listed = [{ id: W1, name: "Acme" }]
  const [row] = yield* server.wire.fake.api.register(W1, [{ provider: "gemini", version: "" }])
  const runtime = row!.id
  const outer = yield* Effect.scope
  const start = Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Scope.addFinalizer(outer, Scope.close(scope, Exit.void))
    const daemon = layerDaemonOver({
      serverUrl: server.wire.url,
      token: Redacted.make("mul_secret"),
      dataDir,
      clientVersion: "0.1.0",
      localPort: 0
    })
    yield* Layer.buildWithScope(Layer.provide(daemon, clis.layer), scope)
    return { end: Scope.close(scope, Exit.void) }
  })
  const common = { runtime_id: runtime, workspace_id: W1, agent_id: agent }
  return {
    server,
    start,
    runtime,
    dataDir,
    say: (message: string, more: object = {}) =>
      server.enqueue({ ...common, chat_session_id: chat, chat_message: message, ...more }),
    enqueue: (fields: object) => server.enqueue({ ...common, ...fields })
  }
}).pipe(Effect.provide(NodeFileSystem.layer))

/** How long the end of an agent that obeys may take after it was learned, in ms. */
const killWithin = 5_000

/** What a v0.3.1 server is asked about its tasks every. Source: `docs/protocol.md` 9.11. */
const statusEvery = 5_000

const textOf = (messages: ReadonlyArray<any>) =>
  messages.filter(({ type }) => type === "text").map(({ content }) => content).join("")

const chunks = Array.from({ length: 10_000 }, (_, n) => `chunk ${n}\n`).join("")

describe("our daemon at a v0.3.1 server", () => {
  it.live("T-38 claims on a hint, starts, pins, streams, reports usage and completes; a chat goes on with its session", () =>
    Effect.gen(function*() {
      const { dataDir, runtime, say, server, start } = yield* legacyScene
      yield* start
      yield* server.until(() => server.calls.includes("claim"))
      yield* server.wire.next("beat")
      const first = say("repeats", { agent: { id: agent, name: "A", instructions: "" } })
      server.hint(runtime)
      yield* server.until(() => first.status === "completed")
      assert.deepStrictEqual(server.calls.slice(0, 1), ["recover-orphans"])
      assert.strictEqual(server.calls.filter((word) => word === "recover-orphans").length, 1)
      const place = join(dataDir, "work", chat)
      assert.deepStrictEqual(first.session, { session_id: "s-1", work_dir: place })
      assert.deepStrictEqual(first.messages.map(({ input, output, tool, type }) => ({ type, tool, input, output })), [
        { type: "tool_use", tool: "run", input: {}, output: undefined },
        { type: "tool_result", tool: "run", input: undefined, output: "one two three" }
      ])
      assert.deepInclude(first.usage[0], { provider: "gemini", input_tokens: 1, output_tokens: 2 })
      assert.deepStrictEqual(first.end, { output: "", session_id: "s-1", work_dir: place })

      const second = say("odd", { prior_session_id: "s-0" })
      server.hint(runtime)
      yield* server.until(() => second.status !== "queued" && second.end !== null)
      assert.deepInclude(second.session, { session_id: "s-0", work_dir: place })
      assert.isTrue(existsSync(place))
    }))

  it.live(
    "T-38 learns of a cancel from the status, within 5 s and the end of the agent, and reports no end",
    () =>
      Effect.gen(function*() {
        const { say, server, start } = yield* legacyScene
        const row = say("wait")
        yield* start
        yield* server.until(() => textOf(row.messages) === "working")
        const from = yield* Clock.currentTimeMillis
        row.status = "cancelled"
        yield* server.until(() => row.usage.length > 0)
        assert.isBelow((yield* Clock.currentTimeMillis) - from, statusEvery + killWithin)
        assert.deepStrictEqual(findMarked(`MUSTER_TASK=${row.id}:0`), [])
        assert.notInclude(server.calls, "complete")
        assert.notInclude(server.calls, "fail")
      }),
    30_000
  )

  it.live(
    "T-38 a task that was deleted at the server is ended, and nothing is reported of it",
    () =>
      Effect.gen(function*() {
        const { say, server, start } = yield* legacyScene
        const row = say("wait")
        yield* start
        yield* server.until(() => textOf(row.messages) === "working")
        server.rows.splice(0)
        const from = server.calls.length
        // The claim that follows the free slot.
        yield* server.until(() => server.calls.slice(from).includes("claim"))
        assert.deepStrictEqual(findMarked(`MUSTER_TASK=${row.id}:0`), [])
        assert.isEmpty(server.calls.slice(from).filter((word) => word !== "claim" && word !== "status"))
      }),
    30_000
  )

  it.live(
    "T-38 a start, messages and an end whose answers were lost are repeated, and nothing is there twice",
    () =>
      Effect.gen(function*() {
        const { say, server, start } = yield* legacyScene
        const lost = new Map([["start", 2], ["messages", 1], ["complete", 2]])
        server.fault = (word) => {
          const left = lost.get(word) ?? 0
          lost.set(word, left - 1)
          return left > 0 ? { after: true, status: 502 } : undefined
        }
        const row = say("chunks")
        yield* start
        yield* server.until(() =>
          row.status === "completed" && server.calls.filter((word) => word === "complete").length === 3
        )
        assert.strictEqual(server.calls.filter((word) => word === "start").length, 3)
        assert.strictEqual(textOf(row.messages), chunks)
        assert.strictEqual(row.end.output, chunks.trim())
      }),
    30_000
  )

  it.live(
    "T-38 after a restart it reports the stored end, then recovers orphans, then claims",
    () =>
      Effect.gen(function*() {
        const { say, server, start } = yield* legacyScene
        server.fault = (word) => word === "complete" ? { after: false, status: 503 } : undefined
        const row = say("chunks")
        const { end } = yield* start
        yield* server.until(() => server.calls.includes("complete"))
        const left = say("wait")
        left.status = "running"
        yield* end
        server.fault = () => undefined
        server.calls.length = 0
        yield* start
        yield* server.until(() => server.calls.includes("claim"))
        assert.strictEqual(row.status, "completed")
        assert.strictEqual(textOf(row.messages), chunks)
        assert.strictEqual(left.status, "failed")
        const order = server.calls.filter((word) => ["complete", "recover-orphans", "claim"].includes(word))
        assert.deepStrictEqual(order.slice(0, 3), ["complete", "recover-orphans", "claim"])
      }),
    30_000
  )

  it.live("T-38 nothing is claimed while orphans cannot be recovered", () =>
    Effect.gen(function*() {
      const { runtime, say, server, start } = yield* legacyScene
      let faults = 2
      server.fault = (word) => word === "recover-orphans" && faults-- > 0 ? { after: false, status: 503 } : undefined
      const row = say("repeats")
      yield* start
      yield* server.until(() => server.calls.length === 1)
      yield* server.wire.next("beat")
      server.hint(runtime)
      yield* server.until(() => server.calls.length === 2)
      server.hint(runtime)
      yield* server.until(() => row.status === "completed")
      assert.deepStrictEqual(server.calls.slice(0, 4), [
        "recover-orphans",
        "recover-orphans",
        "recover-orphans",
        "claim"
      ])
    }), 30_000)

  it.live("T-38 a daemon that stops reports what ran for the server to try again", () =>
    Effect.gen(function*() {
      const { say, server, start } = yield* legacyScene
      const row = say("wait")
      const { end } = yield* start
      yield* server.until(() => textOf(row.messages) === "working")
      yield* end
      assert.deepInclude(row, { status: "failed" })
      assert.deepInclude(row.end, { failure_reason: "runtime_recovery", session_id: "s-1" })
    }), 30_000)

  it.live(
    "T-38 an issue is worked on by its text, and a task that cannot run here is failed with one sentence",
    () =>
      Effect.gen(function*() {
        const { enqueue, say, server, start } = yield* legacyScene
        server.issues.set(issue, { id: issue, identifier: "ACM-1", title: "Say hello", description: "Now." })
        const rows = [
          enqueue({ issue_id: issue }),
          enqueue({ issue_id: issue.replace("1", "2") }),
          enqueue({ quick_create_prompt: "an issue about hello" }),
          say("hello", { agent: { id: agent, name: "A", instructions: "", skills: [{ name: "s", content: "" }] } }),
          say("hello", { workspace_id: "" }),
          enqueue({})
        ]
        yield* start
        yield* server.until(() => rows.every(({ status }) => status === "failed"))
        const cannot = "Muster's daemon cannot run this task: "
        // The scripted agent has no answer to these words, but was given them.
        assert.include(rows[0]!.end.error, "not a function")
        assert.deepStrictEqual(rows.slice(1).map(({ end }) => end.error), [
          `${cannot}its issue cannot be read: issue ${issue.replace("1", "2")}: refused with 404 issue not found`,
          `${cannot}it is to create an issue, which needs the CLI of Multica`,
          `${cannot}it has skills, which this daemon cannot set up`,
          `${cannot}it does not follow the protocol of v0.3.1`,
          `${cannot}it says nothing of what is to be done`
        ])
      }),
    30_000
  )
})
