import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Effect, Queue } from "effect"
import { TestClock } from "effect/testing"
import { startTasks } from "./TaskScene.ts"

/** A daemon of ours, by its calls. */
const startDaemon = Effect.gen(function*() {
  const scene = yield* startTasks()
  const { codex, me } = scene
  const daemon = { daemon_id: codex.daemonId, runtime_ids: [codex.id] }
  const call = (path: string, body: object) => me.post(`/api/daemon/tasks${path}`, body)
  return {
    ...scene,
    call,
    claim: (slots = 3) => Effect.map(call("/claim", { ...daemon, max_tasks: slots, slots }), ({ json }) => json.tasks),
    beat: (tasks: ReadonlyArray<object>) =>
      Effect.map(call("/beat", { daemon_id: codex.daemonId, tasks }), ({ json }) => json.orders),
    inventory: (tasks: ReadonlyArray<object>) =>
      Effect.map(call("/inventory", { ...daemon, tasks }), ({ json }) => json),
    of: (id: string, epoch: number) => (name: string, body: object = {}) =>
      Effect.map(call(`/${id}/${name}`, { epoch, ...body }), ({ json }) => json)
  }
})

const completed = {
  outcome: { type: "completed", result: { text: "done", stop_reason: "end", rejections: 0 } },
  usage: [],
  session: null
}

describe("a daemon that says tasks-v1", () => {
  it.effect("T-03 T-30 claims, starts once however often it says so, appends without holes, and settles", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      const [task] = yield* claim()
      assert.deepInclude(task, { id, epoch: 1, attempt: 1, policy: "all", folder: null, session: null })
      assert.match(task.token, /^mtk_[0-9a-f]{40}$/)
      const run = of(id, 1)
      assert.deepStrictEqual(yield* run("settle", completed), { ok: false, status: "dispatched" })
      assert.deepStrictEqual(yield* run("begin"), { ok: true, status: "running" })
      assert.deepStrictEqual(yield* run("begin"), { ok: true, status: "running" })
      const event = (seq: number) => ({ seq, at: 0, body: { kind: "text", text: `mul_${"0".repeat(40)} ${seq}` } })
      assert.deepStrictEqual(yield* run("events", { events: [] }), { status: "ok", next: 1 })
      assert.deepStrictEqual(yield* run("events", { events: [event(1), event(2)] }), { status: "ok", next: 3 })
      assert.deepStrictEqual(yield* run("events", { events: [event(4)] }), { status: "gap", next: 3 })
      assert.deepStrictEqual(yield* run("events", { events: [event(2), event(3)] }), { status: "ok", next: 4 })
      assert.deepStrictEqual(yield* run("settle", completed), { ok: true, status: "completed" })
      assert.deepStrictEqual(yield* run("settle", completed), { ok: true, status: "completed" })
      assert.deepStrictEqual(yield* run("events", { events: [event(4)] }), { status: "closed", next: 1 })
      const { events } = (yield* me.get(`/api/tasks/${id}/events`)).json
      assert.deepStrictEqual(events.map(({ body }: any) => body.text), ["[masked] 1", "[masked] 2", "[masked] 3"])
    }))

  it.effect("T-30 a report with an impossible number is refused, and the task stays readable", () =>
    Effect.gen(function*() {
      const { call, claim, me, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* claim()
      yield* of(id, 1)("begin")
      const tokens = { input_tokens: 1, output_tokens: 1, cache_read_tokens: 1, cache_write_tokens: 1 }
      const result = completed.outcome.result
      for (const bad of [-1, 1.5, 1e300, 2 ** 53]) {
        const used = { provider: "codex", model: "m", ...tokens }
        const settle = (body: object) => call(`/${id}/settle`, { epoch: 1, ...completed, ...body })
        const append = (event: object) => call(`/${id}/events`, { epoch: 1, events: [event] })
        const text = { kind: "text", text: "x" }
        for (
          const { status } of [
            yield* settle({ outcome: { type: "completed", result: { ...result, rejections: bad } } }),
            ...(yield* Effect.forEach(Object.keys(tokens), (key) => settle({ usage: [{ ...used, [key]: bad }] }))),
            yield* append({ seq: bad, at: 0, body: text }),
            yield* append({ seq: 1, at: bad, body: text }),
            yield* append({ seq: 1, at: 0, body: { kind: "output", id: "1", offset: bad, text: "x" } }),
            yield* append({ seq: 1, at: 0, body: { kind: "usage", model: "m", ...tokens, output_tokens: bad } })
          ]
        ) assert.strictEqual(status, 400, String(bad))
      }
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "running")
      assert.deepStrictEqual((yield* me.get(`/api/tasks/${id}/events`)).json, { events: [], first: 1, last: 0 })
      assert.strictEqual((yield* me.get("/api/tasks")).json.tasks.length, 1)
    }))

  it.effect("T-05 a late call of an earlier claim is superseded, and its beat says to stop", () =>
    Effect.gen(function*() {
      const { beat, claim, inventory, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* claim()
      yield* of(id, 1)("begin")
      assert.deepStrictEqual(yield* inventory([]), { stop: [], orphaned: 1, retried: 1 })
      const [again] = yield* claim()
      assert.deepInclude(again, { id, epoch: 2, attempt: 2 })
      assert.deepStrictEqual(yield* of(id, 1)("settle", completed), { ok: false, status: "superseded" })
      assert.deepStrictEqual(yield* of(id, 1)("events", { events: [] }), { status: "superseded", next: 1 })
      assert.deepStrictEqual(yield* beat([{ id, epoch: 1 }, { id, epoch: 2 }]), [{ id, epoch: 1, order: "stop" }])
    }))

  it.effect("T-02 a lost reply comes again with the same epoch, and a new token in place of the old one", () =>
    Effect.gen(function*() {
      const { claim, muster, post } = yield* startDaemon
      const { id } = (yield* post()).json
      const [first] = yield* claim()
      assert.deepStrictEqual(yield* claim(), [])
      yield* TestClock.adjust("91 seconds")
      const [second] = yield* claim()
      assert.deepInclude(second, { id, epoch: 1 })
      const own = (token: string) => muster.as(token).get("/api/task")
      assert.strictEqual((yield* own(first.token)).status, 401)
      assert.strictEqual((yield* own(second.token)).json.id, id)
    }))

  it.effect("T-36 a task's token opens its own task only, and ends with it", () =>
    Effect.gen(function*() {
      const { claim, muster, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* TestClock.adjust(1)
      yield* post({ prompt: "another" })
      const [task] = yield* claim(1)
      const { get } = muster.as(task.token)
      assert.deepInclude((yield* get("/api/task")).json, { id, status: "dispatched" })
      for (const path of ["/api/me", `/api/tasks/${id}`, "/api/tasks", "/api/runtimes", "/api/daemon/machine"]) {
        assert.strictEqual((yield* get(path)).status, 401, path)
      }
      yield* of(id, 1)("begin")
      yield* of(id, 1)("settle", completed)
      const ended = yield* get("/api/task")
      assert.deepInclude(ended.json, { code: "task_token_ended" })
      assert.strictEqual(ended.status, 401)
    }))

  it.effect("T-08 the tasks of a deleted runtime fail, are not tried again, and their daemon is told to stop", () =>
    Effect.gen(function*() {
      const { beat, claim, codex, me, of, post } = yield* startDaemon
      const running = (yield* post()).json.id
      yield* TestClock.adjust(1)
      const queued = (yield* post()).json.id
      yield* claim(1)
      yield* of(running, 1)("begin")
      yield* me.delete(`/api/runtimes/${codex.id}`)
      for (const id of [running, queued]) {
        assert.deepInclude((yield* me.get(`/api/tasks/${id}`)).json, { status: "failed", reason: "runtime_deleted" })
      }
      assert.deepStrictEqual(yield* beat([{ id: running, epoch: 1 }]), [{ id: running, epoch: 1, order: "stop" }])
    }))

  it.effect("T-08 T-36 the tasks of a deleted workspace end, with their tokens, and their daemon is told to stop", () =>
    Effect.gen(function*() {
      const { beat, claim, home, me, muster, of, post, taskOf } = yield* startDaemon
      const running = (yield* post()).json.id
      yield* TestClock.adjust(1)
      const queued = (yield* post()).json.id
      const [task] = yield* claim(1)
      yield* of(running, 1)("begin")
      const own = muster.as(task.token)
      assert.strictEqual((yield* own.get("/api/task")).status, 200)
      assert.strictEqual((yield* me.delete(`/api/workspaces/${home}?confirm=home`)).status, 204)
      assert.deepInclude((yield* own.get("/api/task")).json, { code: "task_token_ended" })
      for (const id of [running, queued]) {
        assert.deepInclude((yield* taskOf(id)).state, { _tag: "Failed", reason: "runtime_deleted" })
      }
      assert.deepStrictEqual(yield* beat([{ id: running, epoch: 1 }]), [{ id: running, epoch: 1, order: "stop" }])
    }))

  it.effect("T-08 the tasks of a member who leaves end with their runtimes", () =>
    Effect.gen(function*() {
      const { home, muster, post, taskOf } = yield* startDaemon
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const theirs = yield* muster.runtime(home, { daemon: "box-2", owner: bob.id })
      yield* muster.as(bob.token, home).post(`/api/tasks`, { runtime_id: theirs.id, prompt: "do it" })
      const { json } = yield* muster.as(bob.token, home).get("/api/tasks")
      const mine = (yield* post()).json.id
      const left = yield* muster.as(bob.token, home).post(`/api/workspaces/${home}/leave`)
      assert.strictEqual(left.status, 204)
      assert.deepInclude((yield* taskOf(json.tasks[0].id)).state, { _tag: "Failed", reason: "runtime_deleted" })
      assert.strictEqual((yield* taskOf(mine)).state._tag, "Queued")
    }))

  it.effect("T-36 a token of a task whose runtime is gone has ended, also while the task is active", () =>
    Effect.gen(function*() {
      const { ana, claim, codex, muster, post } = yield* startDaemon
      yield* post()
      const [task] = yield* claim(1)
      // As if this server had stopped between the removal and the end of the tasks.
      yield* Effect.orDie(muster.registry.remove(codex.id, ana.id))
      yield* TestClock.adjust("21 seconds")
      const ended = yield* muster.as(task.token).get("/api/task")
      assert.deepInclude(ended.json, { code: "task_token_ended" })
    }))

  it.effect("a renewal of a lease wakes nobody, a start wakes the readers of the task and of its workspace", () =>
    Effect.gen(function*() {
      const { claim, home, muster, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* claim()
      const topics = [Wake.topic.workspace(home), Wake.topic.task(id)]
      const wakes = yield* muster.wake.subscribe(topics)
      assert.deepStrictEqual(yield* of(id, 1)("renew"), { ok: true, status: "dispatched" })
      assert.deepStrictEqual(yield* Queue.clear(wakes), [])
      assert.deepStrictEqual(yield* of(id, 1)("begin"), { ok: true, status: "running" })
      assert.sameMembers([...yield* Queue.clear(wakes)], topics)
    }))

  it.effect("T-08 the tasks of a runtime that a registration merges move to the runtime that has its place", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster, of, post, taskOf, ...scene } = yield* startDaemon
      const running = (yield* post({ folder: "/srv/app" })).json.id
      yield* TestClock.adjust(1)
      const queued = (yield* post()).json.id
      const [first] = yield* scene.claim(1)
      yield* of(running, 1)("begin")
      yield* of(running, 1)("pin", { session: { id: "s-1", folder: "/srv/app" } })
      const registration = { workspace_id: home, daemon_id: "box-new", legacy_daemon_ids: [codex.daemonId] }
      const runtimes = [{ type: "codex", name: "Codex", version: "1", status: "online" }]
      const registered = (yield* me.post("/api/daemon/register", { ...registration, runtimes })).json.runtimes[0]
      assert.notStrictEqual(registered.id, codex.id)
      assert.strictEqual((yield* Effect.orDie(muster.registry.find(codex.id)))._tag, "Gone")
      for (const id of [running, queued]) {
        const { runtimeId, state } = yield* taskOf(id)
        assert.deepStrictEqual([runtimeId, state._tag], [registered.id, "Queued"])
      }
      assert.strictEqual((yield* taskOf(running)).key, "folder:box-new:/srv/app")
      assert.strictEqual((yield* muster.as(first.token).get("/api/task")).status, 401)
      const claim = { daemon_id: "box-new", runtime_ids: [registered.id], max_tasks: 3, slots: 3 }
      const { tasks } = (yield* me.post("/api/daemon/tasks/claim", claim)).json
      assert.sameDeepMembers(
        tasks.map(({ attempt, epoch, id, session }: any) => [id, epoch, attempt, session]),
        [[running, 2, 2, "s-1"], [queued, 1, 1, null]]
      )
      // The call finds the task on its new runtime, and is one of the attempt before.
      assert.deepStrictEqual(yield* of(running, 1)("settle", completed), { ok: false, status: "superseded" })
      assert.deepStrictEqual(yield* of(running, 2)("begin"), { ok: true, status: "running" })
    }))

  it.effect("T-26 a task that is given back does not count, and a canceled one ends", () =>
    Effect.gen(function*() {
      const { claim, me, of, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* claim()
      assert.deepStrictEqual(yield* of(id, 1)("release"), { ok: true, status: "queued" })
      const [again] = yield* claim()
      assert.deepInclude(again, { id, epoch: 2, attempt: 1 })
      yield* me.post(`/api/tasks/${id}/cancel`, {})
      assert.deepStrictEqual(yield* of(id, 2)("begin"), { ok: false, status: "cancelling" })
      assert.deepStrictEqual(yield* of(id, 2)("release"), { ok: true, status: "cancelled" })
    }))

  it.effect("T-01 never more than its slots, and a claim without slots is for daemons that claim per runtime", () =>
    Effect.gen(function*() {
      const { call, claim, codex, post } = yield* startDaemon
      for (const prompt of ["1", "2", "3"]) yield* post({ prompt })
      assert.lengthOf(yield* claim(2), 2)
      assert.lengthOf(yield* claim(2), 0)
      const { status } = yield* call("/claim", { daemon_id: codex.daemonId, runtime_ids: [codex.id], max_tasks: 1 })
      assert.strictEqual(status, 404)
    }))

  it.effect("T-30 events and results over their bounds are refused with the bound, and nothing of them is stored", () =>
    Effect.gen(function*() {
      const { call, claim, me, post } = yield* startDaemon
      const { id } = (yield* post()).json
      yield* claim()
      yield* call(`/${id}/begin`, { epoch: 1 })
      const append = (...bodies: ReadonlyArray<object>) =>
        call(`/${id}/events`, { epoch: 1, events: bodies.map((body, n) => ({ seq: n + 1, at: 0, body })) })
      const tool = (bytes: number) => ({
        kind: "tool",
        id: "t",
        status: "running",
        input: { a: "x".repeat(bytes - 8) }
      })
      const output = { kind: "output", id: "t", offset: 0, text: "x".repeat(16 * 1024) }
      const settle = (text: string) =>
        call(`/${id}/settle`, {
          ...completed,
          epoch: 1,
          outcome: { type: "completed", result: { ...completed.outcome.result, text } }
        })
      const refusals = [
        yield* append(tool(400 * 1024)),
        yield* append({ ...tool(8), input: "é".repeat(16 * 1024 + 1) }),
        yield* append(...Array.from({ length: 16 }, () => output)),
        yield* settle("x".repeat(600 * 1024)),
        yield* settle("é".repeat(128 * 1024 + 1))
      ]
      assert.deepStrictEqual(refusals.map(({ json, status }) => [status, json.code, json.error]), [
        [413, "too_large", "the input of a tool has 409600 bytes, more than the maximum of 32 KiB"],
        [413, "too_large", "the input of a tool has 32770 bytes, more than the maximum of 32 KiB"],
        [413, "too_large", "these events have 262896 bytes, more than the maximum of 256 KiB of one call"],
        [413, "too_large", "the text of the result has 614400 bytes, more than the maximum of 256 KiB"],
        [413, "too_large", "the text of the result has 262146 bytes, more than the maximum of 256 KiB"]
      ])
      assert.deepInclude((yield* me.get(`/api/tasks/${id}/events`)).json, { last: 0 })
      assert.strictEqual((yield* append(tool(32 * 1024))).json.next, 2)
      assert.deepInclude((yield* settle("é".repeat(128 * 1024))).json, { ok: true, status: "completed" })
    }))
})
