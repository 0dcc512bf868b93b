import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startTasks } from "./TaskScene.ts"

/** A scripted v0.3.1 daemon: the calls of one run, as it makes them. Source: `docs/protocol.md` 9. */
const startLegacy = Effect.gen(function*() {
  const scene = yield* startTasks()
  const { codex, me } = scene
  const runtime = `/api/daemon/runtimes/${codex.id}`
  return {
    ...scene,
    claim: Effect.map(me.post(`${runtime}/tasks/claim`, {}), ({ json }) => json.task),
    claimAs: (fenced: boolean) => scene.claim(1, codex, fenced),
    recover: Effect.map(me.post(`${runtime}/recover-orphans`, {}), ({ json }) => json),
    of: (id: string) => ({
      post: (name: string, body: object = {}) => me.post(`/api/daemon/tasks/${id}/${name}`, body),
      get: (name: string) => me.get(`/api/daemon/tasks/${id}/${name}`)
    })
  }
})

/** A task that such a daemon runs. */
const startRun = Effect.gen(function*() {
  const scene = yield* startLegacy
  const { claim, me, of, post } = scene
  const { id } = (yield* post()).json
  yield* claim
  const run = of(id)
  yield* run.post("start")
  const bodies = Effect.map(me.get(`/api/tasks/${id}/events`), ({ json }) => json.events.map(({ body }: any) => body))
  return {
    ...scene,
    run,
    id,
    bodies,
    report: (...messages: ReadonlyArray<object>) => run.post("messages", { messages }),
    /** All texts of a kind, as a reader sees them. */
    shown: (kind: string) =>
      Effect.map(bodies, (all) => all.filter((body: any) => body.kind === kind).map((body: any) => body.text).join(""))
  }
})

describe("a v0.3.1 daemon", () => {
  it.effect("T-38 claims in the chat form, starts, streams, pins, reports usage and completes", () =>
    Effect.gen(function*() {
      const { claim, codex, home, me, of, post } = yield* startLegacy
      assert.isNull(yield* claim)
      const { id } = (yield* post({ prompt: "say hello", model: "m1" })).json
      const task = yield* claim
      assert.deepInclude(task, {
        id,
        runtime_id: codex.id,
        workspace_id: home,
        issue_id: "",
        status: "dispatched",
        kind: "chat",
        attempt: 1,
        chat_session_id: id,
        chat_message: "say hello",
        agent: { id: codex.id, name: "Muster", instructions: "", model: "m1" }
      })
      assert.isNull(yield* claim)
      const run = of(id)
      assert.deepInclude((yield* run.post("start")).json, { id, status: "running" })
      const again = yield* run.post("start")
      assert.deepStrictEqual([again.status, again.json.error], [400, "start task: no rows in result set"])
      assert.deepStrictEqual((yield* run.post("progress", { summary: "Launching codex", step: 1, total: 2 })).json, {
        status: "ok"
      })
      assert.strictEqual((yield* run.post("session", { session_id: "s-1", work_dir: "/w" })).status, 204)
      yield* run.post("messages", {
        messages: [
          { seq: 1, type: "thinking", content: "hm" },
          { seq: 2, type: "tool_use", tool: "Bash", input: { command: "ls" } },
          { seq: 3, type: "tool_result", tool: "Bash", output: "\"ok\"" },
          { seq: 4, type: "text", content: "hello" },
          { seq: 5, type: "error", content: "a warning" },
          { seq: 6, type: "unknown" }
        ]
      })
      yield* run.post("usage", {
        usage: [{
          provider: "openai",
          model: "m1",
          input_tokens: 7,
          output_tokens: 3,
          cache_read_tokens: 1,
          cache_write_tokens: 0
        }]
      })
      assert.deepStrictEqual((yield* run.get("status")).json, { status: "running" })
      assert.deepInclude((yield* run.post("complete", { output: "hello", session_id: "s-1" })).json, {
        status: "completed"
      })
      assert.deepInclude((yield* run.post("complete", { output: "other" })).json, { status: "completed" })
      assert.deepInclude((yield* run.post("fail", { error: "late" })).json, { status: "completed" })

      const shown = (yield* me.get(`/api/tasks/${id}`)).json
      assert.deepInclude(shown, { status: "completed", text: "hello", session: "s-1" })
      assert.deepInclude(shown.usage[0], { input_tokens: 7, output_tokens: 3 })
      const { events } = (yield* me.get(`/api/tasks/${id}/events`)).json
      assert.deepStrictEqual(events.map(({ body }: any) => body.kind), [
        "thought",
        "tool",
        "output",
        "tool",
        "text",
        "error"
      ])
      assert.strictEqual(events[2].body.text, "ok")
      assert.strictEqual(events[1].body.id, events[3].body.id)
    }))

  it.effect("T-38 numbers out of range in a usage report are brought into range, and the task stays readable", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      const run = of(id)
      yield* run.post("start")
      const usage = { provider: "codex", model: "m", input_tokens: -1, output_tokens: 1e300, cache_read_tokens: 1.5 }
      assert.strictEqual((yield* run.post("usage", { usage: [usage] })).status, 200)
      const shown = (yield* me.get(`/api/tasks/${id}`)).json
      assert.deepInclude(shown.usage[0], {
        input_tokens: 0,
        output_tokens: Number.MAX_SAFE_INTEGER,
        cache_read_tokens: 1,
        cache_write_tokens: 0
      })
      assert.strictEqual((yield* me.get("/api/tasks")).json.tasks.length, 1)
    }))

  it.effect("T-38 learns of a cancel from the status, and its silence ends the task unconfirmed", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      const run = of(id)
      yield* run.post("start")
      yield* me.post(`/api/tasks/${id}/cancel`, {})
      assert.deepStrictEqual((yield* run.get("status")).json, { status: "cancelled" })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "cancelling")
      yield* TestClock.adjust("21 seconds")
      assert.deepInclude((yield* me.get(`/api/tasks/${id}`)).json, { status: "cancelled", confirmed: false })
    }))

  it.effect("T-38 a report of failure after a cancel confirms it", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      yield* of(id).post("start")
      yield* me.post(`/api/tasks/${id}/cancel`, {})
      yield* of(id).post("fail", { error: "killed", failure_reason: "cancelled" })
      assert.deepInclude((yield* me.get(`/api/tasks/${id}`)).json, { status: "cancelled", confirmed: true })
    }))

  it.effect("T-02 T-38 a claim whose reply was lost comes again after 90 s", () =>
    Effect.gen(function*() {
      const { claim, post } = yield* startLegacy
      const { id } = (yield* post()).json
      assert.strictEqual((yield* claim).id, id)
      assert.isNull(yield* claim)
      yield* TestClock.adjust("91 seconds")
      assert.deepInclude(yield* claim, { id, attempt: 1 })
    }))

  it.effect("T-38 after a restart recover-orphans fails what ran, which is tried again with its session", () =>
    Effect.gen(function*() {
      const { claim, me, of, post, recover } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      yield* of(id).post("start")
      yield* of(id).post("session", { session_id: "s-1", work_dir: "/w" })
      assert.deepStrictEqual(yield* recover, { orphaned: 1, retried: 1 })
      assert.deepStrictEqual(yield* recover, { orphaned: 0, retried: 0 })
      yield* TestClock.adjust("15 seconds")
      assert.deepInclude(yield* claim, { id, attempt: 2, prior_session_id: "s-1", prior_work_dir: "/w" })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.attempts[0].reason, "daemon_restarted")
    }))

  it.effect("T-05 a task whose v0.3.1 daemon was silent for 3 h is not tried again: a late end would be that of the next claim", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      const run = of(id)
      yield* run.post("start")
      yield* TestClock.adjust("181 minutes")
      const lost = (yield* me.get(`/api/tasks/${id}`)).json
      assert.deepInclude(lost, { status: "failed", reason: "runtime_lost" })
      assert.include(lost.error, "it is not tried again by itself, since its v0.3.1 daemon may still run it")
      assert.isNull(yield* claim)
      // The process that is still there is told to stop.
      assert.deepStrictEqual((yield* run.get("status")).json, { status: "cancelled" })
      assert.deepInclude((yield* run.post("complete", { output: "late" })).json, { id, status: "failed" })
      assert.deepStrictEqual((yield* me.get(`/api/tasks/${id}`)).json, lost)
      const again = (yield* me.post(`/api/tasks/${id}/retry`, {})).json
      assert.deepInclude(again, { status: "queued", retry_of: id })
    }))

  it.effect("T-05 a v0.3.1 daemon that recovers orphans and still runs one is told to stop it before the next attempt", () =>
    Effect.gen(function*() {
      const { claim, me, of, post, recover } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      const run = of(id)
      yield* run.post("start")
      // It sends this after each registration, not only after a restart.
      assert.deepStrictEqual(yield* recover, { orphaned: 1, retried: 1 })
      assert.isNull(yield* claim)
      assert.deepStrictEqual((yield* run.get("status")).json, { status: "cancelled" })
      assert.deepInclude((yield* run.post("complete", { output: "late" })).json, { status: "queued" })
      yield* TestClock.adjust("15 seconds")
      assert.deepInclude(yield* claim, { id, attempt: 2 })
      assert.deepInclude((yield* run.post("start")).json, { status: "running" })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "running")
    }))

  it.effect("T-05 no v0.3.1 call changes a claim of a daemon that names its claims", () =>
    Effect.gen(function*() {
      const { claim, me, of, post, start, ...scene } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      const run = of(id)
      yield* run.post("start")
      yield* scene.recover
      yield* TestClock.adjust("15 seconds")
      const [second] = yield* scene.claimAs(true)
      assert.strictEqual((yield* run.post("start")).status, 400)
      yield* start(second!)
      const running = yield* scene.taskOf(id)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual((yield* run.get("status")).json, { status: "cancelled" })
      yield* run.post("messages", { messages: [{ seq: 1, type: "text", content: "late" }] })
      yield* run.post("usage", { usage: [{ provider: "openai", model: "m1", input_tokens: 7 }] })
      yield* run.post("session", { session_id: "s-1", work_dir: "/w" })
      assert.deepInclude((yield* run.post("fail", { error: "late" })).json, { status: "running" })
      assert.deepInclude((yield* run.post("complete", { output: "late" })).json, { status: "running" })
      assert.deepStrictEqual(yield* scene.taskOf(id), running)
      assert.deepStrictEqual((yield* me.get(`/api/tasks/${id}/events`)).json.events, [])
    }))

  it.effect("T-04 a task of an offline runtime is not claimed, and of one that is online again it is", () =>
    Effect.gen(function*() {
      const { claim, codex, me, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* me.post("/api/daemon/deregister", { runtime_ids: [codex.id] })
      assert.isNull(yield* claim)
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "queued")
      yield* me.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.strictEqual((yield* claim).id, id)
    }))

  it.effect("T-38 recover-orphans of a daemon that sends its inventory loses nothing", () =>
    Effect.gen(function*() {
      const { claim, codex, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      yield* claim
      yield* of(id).post("start")
      const headers = { "x-client-platform": "daemon", "x-client-capabilities": "ping,tasks-v1" }
      const { json } = yield* me.post(`/api/daemon/runtimes/${codex.id}/recover-orphans`, {}, headers)
      assert.deepStrictEqual(json, { orphaned: 0, retried: 0 })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "running")
    }))

  it.effect("T-38 gc-check keeps a chat that is open or not known, and releases one that has ended", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startLegacy
      const { id } = (yield* post()).json
      const kept = (chat: string) => me.get(`/api/daemon/chat-sessions/${chat}/gc-check`)
      assert.strictEqual((yield* kept(id)).json.status, "active")
      yield* claim
      yield* of(id).post("start")
      yield* of(id).post("complete", { output: "" })
      assert.strictEqual((yield* kept(id)).json.status, "archived")
      assert.strictEqual((yield* kept("00000000-0000-4000-8000-000000000000")).status, 500)
    }))

  it.effect("T-38 gc-check never lets a folder be deleted for a chat whose runtime is another person's, or gone", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster, post } = yield* startLegacy
      const { id } = (yield* post()).json
      const kept = me.get(`/api/daemon/chat-sessions/${id}/gc-check`)
      const unsure = {
        error: "this server cannot tell whether this chat session is still wanted: keep its folder",
        code: "unavailable"
      }
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "admin")
      const his = muster.as(bob.token, home)
      yield* his.post(`/api/runtimes/${codex.id}/take-over`)
      assert.deepInclude(yield* kept, { status: 500, json: unsure })
      assert.strictEqual((yield* me.get(`/api/daemon/tasks/${id}/status`)).status, 404)
      yield* his.delete(`/api/runtimes/${codex.id}`)
      assert.deepInclude(yield* kept, { status: 500, json: unsure })
    }))

  it.effect("T-32 T-38 a secret that is split over messages or reports is masked", () =>
    Effect.gen(function*() {
      const { report, shown } = yield* startRun
      const text = (content: string) => ({ type: "text", content })
      yield* report(text(`use mtk_012`))
      yield* report(text("3456789abcdef"), text("0123456789abcdef01234567 for"))
      yield* report(text(" all -----BEGIN PRIV"), { type: "thinking", content: "hm mtk_0123456789" })
      yield* report({ type: "thinking", content: "abcdef0123 so" }, text("ATE KEY-----\nMIIEabc\n"))
      yield* report(text("MIIEdef\n-----END PRIVATE"))
      yield* report(text(" KEY----"), text("-\nand ri"))
      yield* report(text("sk-0123456789abcdef0123 is a word; hf_0123"))
      yield* report(
        { type: "tool_use", tool: "Bash", input: { command: "456789abcdef0123" } },
        text("456789abcdef0123")
      )
      assert.strictEqual(
        yield* shown("text"),
        "use mtk_012[masked] for all -----BEGIN PRIV[masked]\nand risk-0123456789abcdef0123 is a word; hf_0123" +
          "456789abcdef0123"
      )
      assert.strictEqual(yield* shown("thought"), "hm [masked] so")
    }))

  it.effect("T-38 a result that comes in a later report ends the call that it belongs to", () =>
    Effect.gen(function*() {
      const { bodies, report } = yield* startRun
      const use = (tool: string, n: number) => ({ type: "tool_use", tool, input: { n } })
      const result = (tool: string, output: string) => ({ type: "tool_result", tool, output })
      yield* report(use("Bash", 1))
      yield* report({ type: "thinking", content: "hm" }, use("Read", 2), use("Bash", 3))
      yield* Effect.forEach(Array.from({ length: 20 }), (_, n) => report({ type: "text", content: `${n}` }))
      yield* report(result("Read", "r2"))
      yield* report(result("Bash", "r1"), use("Bash", 4))
      yield* report(result("Bash", "r3"), result("Bash", "r4"), result("Bash", "of none"))
      const calls = new Map<string, Array<unknown>>()
      for (const body of yield* bodies) {
        if (body.kind !== "tool" && body.kind !== "output") continue
        calls.set(body.id, [...(calls.get(body.id) ?? []), body.status ?? body.text])
      }
      assert.deepStrictEqual([...calls.values()], [
        ["running", "r1", "completed"],
        ["running", "r2", "completed"],
        ["running", "r3", "completed"],
        ["running", "r4", "completed"],
        ["of none", "completed"]
      ])
    }))

  it.effect("T-38 long reports are never refused: long texts are in pieces, and the log says what was cut", () =>
    Effect.gen(function*() {
      const { bodies, id, me, report, run, shown } = yield* startRun
      const long = "🧭".repeat(12_000)
      yield* report({ type: "text", content: long }, { type: "error", content: "e".repeat(20_000) })
      assert.strictEqual(yield* shown("text"), long)
      assert.strictEqual(yield* shown("error"), "e".repeat(20_000))

      const from = (yield* bodies).length
      yield* report(
        { type: "tool_use", tool: "Write", input: { text: `ghp_${"a".repeat(36)} ${"x".repeat(40_000)}` } },
        { type: "tool_result", tool: "Write", output: `${"é".repeat(40_000)}end` }
      )
      const [use, cutInput, ...output] = (yield* bodies).slice(from)
      assert.strictEqual(use.input, `{"text":"[masked] ${"x".repeat(8_174)}…`)
      assert.deepStrictEqual(cutInput, {
        kind: "notice",
        text: "the input of a tool is cut: it has 40020 bytes, of which the first 8192 are kept"
      })
      assert.deepStrictEqual(output.map(({ bytes, kind, offset, status }: any) => bytes ?? offset ?? status ?? kind), [
        0,
        32_768,
        14_467,
        "completed"
      ])

      yield* run.post("complete", { output: "é".repeat(150_000) })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.text, "é".repeat(128 * 1024))
      assert.deepStrictEqual((yield* bodies).at(-1), {
        kind: "notice",
        text: "the agent's last message is cut: it has 300000 bytes, of which the first 262144 are kept"
      })
    }))

  it.effect("T-38 a long error of a failed task is cut, and the log says so", () =>
    Effect.gen(function*() {
      const { bodies, id, me, run } = yield* startRun
      yield* run.post("fail", { error: "e".repeat(20_000) })
      assert.lengthOf((yield* me.get(`/api/tasks/${id}`)).json.error, 16_000)
      assert.deepStrictEqual(yield* bodies, [{
        kind: "notice",
        text: "the error is cut: it has 20000 bytes, of which the first 16000 are kept"
      }])
    }))
})
