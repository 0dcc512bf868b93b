import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startLegacy } from "./LegacyScene.ts"

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
})
