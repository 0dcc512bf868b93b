import { assert, describe, it } from "@effect/vitest"
import { Task } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startTasks } from "./TaskScene.ts"

const mebibyte = 1024 * 1024

describe("tasks of people: create", () => {
  it.effect("a task is queued with what was asked, seen by every member, and audited without its prompt", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me, muster, post } = yield* startTasks()
      const body = { prompt: "fix\u0000 it", folder: "/srv//app/./", model: " gpt ", policy: "none", priority: 3 }
      const { json, status } = yield* post(body)
      assert.deepStrictEqual([status, json.status, json.prompt], [200, "queued", "fix it"])
      assert.deepStrictEqual([json.folder, json.key, json.model], ["/srv/app", "/srv/app", "gpt"])
      assert.deepStrictEqual(
        [json.policy, json.priority, json.created_by, json.runtime_name, json.provider, json.attempts],
        ["none", 3, ana.id, codex.name, "codex", []]
      )
      const [stored] = yield* Effect.orDie(muster.tasks.list(home, {}, null, 10))
      assert.strictEqual(stored?.key, `folder:${codex.daemonId}:/srv/app`)
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const seen = yield* muster.as(bob.token, home).get(`/api/tasks/${json.id}`)
      assert.deepStrictEqual(seen.json, json)
      const audit = (yield* me.get("/api/audit?action=task")).json.events
      assert.deepStrictEqual(audit.map(({ action, target }: any) => [action, target.kind, target.id]), [
        ["task.create", "task", json.id]
      ])
      assert.notInclude(JSON.stringify(audit), "fix it")
    }))

  it.effect("T-06 two calls with one Idempotency-Key make one task; with another body, 409", () =>
    Effect.gen(function*() {
      const { home, muster, post } = yield* startTasks()
      const first = yield* post({}, { "idempotency-key": "k" })
      const again = yield* post({ prompt: "do it", model: null }, { "idempotency-key": "k" })
      assert.deepStrictEqual([again.status, again.json], [200, first.json])
      const other = yield* post({ prompt: "do that" }, { "idempotency-key": "k" })
      assert.deepStrictEqual([other.status, other.json], [409, {
        error: `this idempotency key was used for another task (${first.json.id}) within the last 24 hours: ` +
          "use a new key, or repeat the same body",
        code: "idempotency_conflict"
      }])
      assert.lengthOf(yield* Effect.orDie(muster.tasks.list(home, {}, null, 10)), 1)
      const audited = (yield* muster.as((yield* muster.person("ana")).token, home).get("/api/audit?action=task")).json
      assert.lengthOf(audited.events, 1)
      yield* TestClock.adjust(Task.times.idempotency + 1)
      assert.strictEqual((yield* post({ prompt: "do that" }, { "idempotency-key": "k" })).status, 200)
    }))

  it.effect("T-06 of two calls at once with one Idempotency-Key both answer with the one task", () =>
    Effect.gen(function*() {
      const { home, muster, post } = yield* startTasks()
      const calls = yield* Effect.all(Array.from({ length: 8 }, () => post({}, { "idempotency-key": "k" })), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(new Set(calls.map(({ status }) => status)), new Set([200]))
      assert.strictEqual(new Set(calls.map(({ json }) => json.id)).size, 1)
      assert.lengthOf(yield* Effect.orDie(muster.tasks.list(home, {}, null, 10)), 1)
    }))

  it.effect.each(
    [
      [" ", "idempotency-key must not be empty"],
      ["k".repeat(201), "idempotency-key must be at most 200 characters"]
    ] as const
  )("T-06 an Idempotency-Key of %o is 400: %s", ([key, error]) =>
    Effect.gen(function*() {
      const { post } = yield* startTasks()
      const refused = yield* post({}, { "idempotency-key": key })
      assert.deepStrictEqual([refused.status, refused.json.error], [400, error])
    }))

  it.effect("T-06 the key of another person is another key", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster, post } = yield* startTasks()
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })
      const mine = yield* post({}, { "idempotency-key": "k" })
      const theirs = yield* muster.as(bob.token, home).post(
        "/api/tasks",
        { runtime_id: codex.id, prompt: "mine" },
        { "idempotency-key": "k" }
      )
      assert.deepStrictEqual([theirs.status, theirs.json.created_by], [200, bob.id])
      assert.notStrictEqual(theirs.json.id, mine.json.id)
    }))

  it.effect("T-07 the 1,001st queued task of a runtime is 429 with the number and what to do", () =>
    Effect.gen(function*() {
      const { home, muster, post } = yield* startTasks()
      const first = (yield* post()).json
      const { createdAt: _, ...stored } = (yield* Effect.orDie(muster.tasks.list(home, {}, null, 1)))[0]!
      yield* Effect.forEach(
        Array.from({ length: Task.maxQueued.runtime - 1 }),
        () =>
          Effect.flatMap(
            Task.randomTaskId,
            (id) => Effect.orDie(muster.tasks.enqueue({ task: { ...stored, id }, idempotency: null }))
          )
      )
      const full = yield* post({}, { "idempotency-key": "k" })
      assert.deepStrictEqual([full.status, full.json], [429, {
        error: "this runtime has 1000 queued tasks, which is the maximum: " +
          "wait until some have started, or choose another runtime",
        code: "too_many"
      }])
      yield* muster.as((yield* muster.person("ana")).token, home).post(`/api/tasks/${first.id}/cancel`)
      assert.strictEqual((yield* post({}, { "idempotency-key": "k" })).status, 200)
    }))

  it.effect("T-07 a prompt over 64 KiB in UTF-8 is 413 with its size; nothing of the call is stored", () =>
    Effect.gen(function*() {
      const { home, muster, post } = yield* startTasks()
      const over = yield* post({ prompt: "ä".repeat(Task.maxPrompt / 2) + "a" }, { "idempotency-key": "k" })
      assert.deepStrictEqual([over.status, over.json], [413, {
        error: "prompt is larger than 64 KiB (it has 65537 bytes): " +
          "put long text into a file in the task's folder, and name the file in the prompt",
        code: "too_large"
      }])
      assert.strictEqual((yield* post({ prompt: "a".repeat(2 * mebibyte) })).status, 413)
      assert.lengthOf(yield* Effect.orDie(muster.tasks.list(home, {}, null, 10)), 0)
      const exact = yield* post({ prompt: "ä".repeat(Task.maxPrompt / 2) }, { "idempotency-key": "k" })
      assert.strictEqual(exact.status, 200)
    }))

  it.effect("a task without a model has its runtime's default model", () =>
    Effect.gen(function*() {
      const { codex, me, post } = yield* startTasks()
      assert.strictEqual((yield* post()).json.model, null)
      yield* me.patch(`/api/runtimes/${codex.id}`, { default_model: "gpt-6" })
      const models = [(yield* post()).json.model, (yield* post({ model: "gpt-7" })).json.model]
      assert.deepStrictEqual(models, ["gpt-6", "gpt-7"])
    }))

  const path = "folder must be an absolute path without `..` and control characters, such as /home/ana/project"
  const model = "model must be one line without control characters, and must not begin with `-`"
  it.effect.each(
    [
      [{ prompt: undefined }, "prompt is required"],
      [{ prompt: " \u0000" }, "prompt is required"],
      [{ prompt: 5 }, "prompt has a value that is not accepted"],
      [{ runtime_id: "x" }, "invalid runtime_id"],
      [{ folder: "home/ana" }, path],
      [{ folder: "~/app" }, path],
      [{ folder: "/srv/../etc" }, path],
      [{ folder: "C:\\app\\..\\etc" }, path],
      [{ folder: "/srv/\u0000app" }, path],
      [{ folder: `/${"a".repeat(4_096)}` }, "folder must be at most 4096 characters"],
      [{ model: "--yolo" }, model],
      [{ model: "a\nb" }, model],
      [{ policy: "ask" }, "policy must be `all` or `none`"],
      [{ priority: 11 }, "priority must be -10 to 10"],
      [{ priority: 1.5 }, "priority must be an integer"],
      [{ key: " " }, "key must be 1 to 200 characters on one line"],
      [{ key: "k", folder: "/srv" }, "a task with a folder has the folder as its key: leave out key"]
    ] as const
  )("T-07 bad input %o is 400: %s", ([body, error]) =>
    Effect.gen(function*() {
      const { home, muster, post } = yield* startTasks()
      const refused = yield* post(body)
      assert.deepStrictEqual([refused.status, refused.json.error], [400, error])
      assert.lengthOf(yield* Effect.orDie(muster.tasks.list(home, {}, null, 10)), 0)
    }))

  it.effect.each([["/", "/"], ["//srv/a/", "/srv/a"], ["C:\\a\\.\\b\\", "C:\\a\\b"], ["c:/a", "c:\\a"]] as const)(
    "the folder %s is %s",
    ([folder, normal]) =>
      Effect.gen(function*() {
        const { post } = yield* startTasks()
        assert.strictEqual((yield* post({ folder })).json.folder, normal)
      })
  )

  it.effect("a runtime that is offline gets the task; one that is gone, of another workspace or draining does not", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me, muster, post } = yield* startTasks()
      yield* Effect.orDie(muster.registry.markOffline([codex.id]))
      assert.strictEqual((yield* post()).json.status, "queued")
      const gone = yield* post({ runtime_id: "00000000-0000-4000-8000-000000000000" })
      assert.deepStrictEqual([gone.status, gone.json.error], [404, "runtime not found"])
      const other = (yield* muster.workspace("other", ana)).id
      const there = yield* muster.as(ana.token, other).post("/api/tasks", { runtime_id: codex.id, prompt: "a" })
      assert.deepStrictEqual([there.status, there.json.error], [404, "runtime not found"])
      const machine = yield* muster.machine(home, ana, codex.daemonId!)
      yield* me.patch(`/api/machines/${machine.id}`, { drain: true, note: "new disk" })
      const draining = yield* post()
      assert.deepStrictEqual([draining.status, draining.json.error], [409, "machine is draining: new disk"])
    }))

  it.effect.each(
    [
      [[], {}, 200, null, null],
      [[], { policy: "none" }, 409, "cannot run tasks with the policy `none`", "use `all`"],
      [[], { folder: "/srv" }, 409, "cannot work in a folder of its machine", "leave out folder"],
      [["ping"], {}, 409, "cannot run tasks", "update Muster on its machine"],
      [["ping", "tasks-v1"], { policy: "none", folder: "/srv" }, 200, null, null]
    ] as const
  )(
    "a daemon with the capabilities %o gets %o: %i",
    ([capabilities, body, status, what, next]) =>
      Effect.gen(function*() {
        const { daemon, home, post } = yield* startTasks()
        yield* daemon.post(
          "/api/daemon/register",
          { workspace_id: home, daemon_id: "daemon-1", cli_version: "0.3.1", runtimes: [{ type: "codex" }] },
          { "x-client-platform": "daemon", "x-client-capabilities": capabilities.join(",") }
        )
        const answer = yield* post(body)
        const error = what === null
          ? null
          : `this runtime ${what}: its daemon (0.3.1) does not support it; ${next}`
        assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
      })
  )

  it.effect("a runtime whose daemon has no driver for its agent CLI gets no task until a daemon with one registers it", () =>
    Effect.gen(function*() {
      const { daemon, home, me } = yield* startTasks()
      const register = (runsTasks: object) =>
        daemon.post("/api/daemon/register", {
          workspace_id: home,
          daemon_id: "daemon-1",
          cli_version: "0.1.0",
          runtimes: [{ type: "openclaw", ...runsTasks }]
        })
      for (
        const [runsTasks, status] of [[{ runs_tasks: false }, 409], [{}, 200], [{ runs_tasks: null }, 200]] as const
      ) {
        const { json } = yield* register(runsTasks)
        const answer = yield* me.post("/api/tasks", { runtime_id: json.runtimes[0].id, prompt: "a" })
        assert.deepStrictEqual([answer.status, answer.json.code, answer.json.error], [
          status,
          ...status === 200 ? [undefined, null] : [
            "unsupported",
            "this runtime cannot run tasks: its daemon (0.1.0) cannot give work to openclaw; choose another runtime, or " +
            "update Muster on its machine"
          ]
        ])
      }
    }))
})
