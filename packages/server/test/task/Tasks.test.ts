import { assert, describe, it } from "@effect/vitest"
import { Task } from "@muster/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { dead, Outage } from "../support/Stores.ts"
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
      [[], {}, 200, null],
      [[], { policy: "none" }, 409, "this runtime runs tasks with policy `all` only, not `none`"],
      [[], { folder: "/srv" }, 409, "this runtime cannot work in a folder of its machine, leave out folder"],
      [["ping"], {}, 409, "this runtime cannot run tasks yet, update Muster on its machine"],
      [["ping", "tasks-v1"], { policy: "none", folder: "/srv" }, 200, null]
    ] as const
  )("a daemon with the capabilities %o gets %o: %i", ([capabilities, body, status, why]) =>
    Effect.gen(function*() {
      const { daemon, home, post } = yield* startTasks()
      yield* daemon.post(
        "/api/daemon/register",
        { workspace_id: home, daemon_id: "daemon-1", cli_version: "0.3.1", runtimes: [{ type: "codex" }] },
        { "x-client-platform": "daemon", "x-client-capabilities": capabilities.join(",") }
      )
      const answer = yield* post(body)
      const error = why === null ? null : `${why}: its daemon (0.3.1) does not support it`
      assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
    }))
})

describe("tasks of people: list and wait", () => {
  it.effect("lists newest first, in pages, filtered by status, runtime and person", () =>
    Effect.gen(function*() {
      const { claim, home, me, muster, post } = yield* startTasks()
      const ids: Array<string> = []
      for (const prompt of ["1", "2", "3"]) {
        ids.unshift((yield* post({ prompt })).json.id)
        yield* TestClock.adjust(1_000)
      }
      const idsOf = (json: any) => json.tasks.map(({ id }: { id: string }) => id)
      const page = (yield* me.get("/api/tasks?limit=2")).json
      assert.deepStrictEqual(idsOf(page), ids.slice(0, 2))
      const rest = (yield* me.get(`/api/tasks?limit=2&after=${page.next}`)).json
      assert.deepStrictEqual([idsOf(rest), rest.next], [ids.slice(2), null])
      yield* claim()
      assert.deepStrictEqual(idsOf((yield* me.get("/api/tasks?status=dispatched,running")).json), [ids[2]])
      assert.deepStrictEqual(idsOf((yield* me.get("/api/tasks?status=queued&by=me")).json), ids.slice(0, 2))
      const other = yield* muster.runtime(home, { provider: "claude" })
      assert.deepStrictEqual(idsOf((yield* me.get(`/api/tasks?runtime_id=${other.id}`)).json), [])
    }))

  it.effect.each(
    [
      ["limit=0", "limit must be a whole number from 1 to 200"],
      ["limit=201", "limit must be a whole number from 1 to 200"],
      [
        "status=done",
        "status must be a list of queued, dispatched, running, cancelling, completed, failed, cancelled"
      ],
      ["by=bob", "by must be `me` or the id of a person"],
      ["after=1", "after must be the `next` of the page before"],
      ["runtime_id=1", "invalid runtime_id"]
    ] as const
  )("?%s is 400: %s", ([query, error]) =>
    Effect.gen(function*() {
      const { me } = yield* startTasks()
      const answer = yield* me.get(`/api/tasks?${query}`)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
    }))

  it.effect("a list cuts long texts, the task itself has them", () =>
    Effect.gen(function*() {
      const { claim, complete, me, post, start } = yield* startTasks()
      const prompt = "a".repeat(2_000)
      const { id } = (yield* post({ prompt })).json
      const [task] = yield* claim()
      yield* start(task!)
      yield* complete(task!, { text: "b".repeat(2_000) })
      const [listed] = (yield* me.get("/api/tasks")).json.tasks
      assert.deepStrictEqual([listed.prompt.length, listed.text.length], [1_000, 1_000])
      const whole = (yield* me.get(`/api/tasks/${id}`)).json
      assert.deepStrictEqual([whole.prompt, whole.text.length], [prompt, 2_000])
    }))

  it.effect("`?wait=` answers the moment the task has ended, and unchanged when the wait is over", () =>
    Effect.gen(function*() {
      let waiting = 0
      const both = Promise.withResolvers<void>()
      const { claim, complete, me, post, start } = yield* startTasks({
        wraps: {
          wake: (real) => ({
            subscribe: (topics) => {
              if (topics[0]?.startsWith("task:") === true && ++waiting === 2) both.resolve()
              return real.subscribe(topics)
            }
          })
        }
      })
      const { id } = (yield* post()).json
      const [task] = yield* claim()
      yield* start(task!)
      const short = yield* Effect.forkScoped(me.get(`/api/tasks/${id}?wait=1`))
      const long = yield* Effect.forkScoped(me.get(`/api/tasks/${id}?wait=3600`))
      yield* TestClock.adjust("10 millis")
      yield* Effect.repeat(TestClock.adjust("1 second"), {
        until: () => Effect.sync(() => short.pollUnsafe() !== undefined)
      })
      assert.strictEqual((yield* Fiber.join(short)).json.status, "running")
      yield* complete(task!)
      yield* TestClock.adjust("2 seconds")
      const { json } = yield* Fiber.join(long)
      assert.deepStrictEqual([json.status, json.text, json.stop_reason], ["completed", "done", "end"])
      const now = yield* me.get(`/api/tasks/${id}?wait=60`)
      assert.strictEqual(now.json.status, "completed")
    }))
})

describe("tasks of people: cancel and retry", () => {
  it.effect("a queued task ends at once, a running one is canceling, a terminal one does not change", () =>
    Effect.gen(function*() {
      const { ana, claim, me, post, start } = yield* startTasks()
      const { id } = (yield* post()).json
      const cancelled = yield* me.post(`/api/tasks/${id}/cancel`)
      assert.deepStrictEqual(
        [cancelled.json.status, cancelled.json.confirmed, cancelled.json.cancelled_by],
        ["cancelled", true, ana.id]
      )
      yield* TestClock.adjust(1_000)
      assert.deepStrictEqual((yield* me.post(`/api/tasks/${id}/cancel`)).json, cancelled.json)
      const second = (yield* post()).json.id
      const [task] = yield* claim()
      yield* start(task!)
      assert.strictEqual((yield* me.post(`/api/tasks/${second}/cancel`)).json.status, "cancelling")
      yield* me.post(`/api/tasks/${second}/cancel`)
      const audit = (yield* me.get("/api/audit?action=task.cancel")).json.events
      assert.deepStrictEqual(audit.map(({ details, target }: any) => [target.id, details.status]), [
        [second, "running"],
        [id, "queued"]
      ])
    }))

  it.effect("the creator, the runtime's owner and managers may cancel; another member may not", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster } = yield* startTasks()
      const [bob, carl, dora] = [
        yield* muster.person("bob"),
        yield* muster.person("carl"),
        yield* muster.person("dora")
      ]
      yield* Effect.forEach([bob, carl, dora], (one) => muster.member(one, home, one === carl ? "admin" : "member"))
      const theirs = yield* muster.runtime(home, { daemon: "daemon-2", owner: dora.id })
      yield* muster.as(dora.token, home).patch(`/api/runtimes/${theirs.id}`, { visibility: "public" })
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })
      const call = (who: { readonly token: string }) => muster.as(who.token, home)
      const make = Effect.map(
        call(bob).post("/api/tasks", { runtime_id: theirs.id, prompt: "a" }),
        ({ json }) => json.id as string
      )
      for (const who of [bob, carl, dora]) {
        assert.strictEqual((yield* call(who).post(`/api/tasks/${yield* make}/cancel`)).json.status, "cancelled")
      }
      const eve = yield* muster.person("eve")
      yield* muster.member(eve, home, "member")
      const refused = yield* call(eve).post(`/api/tasks/${yield* make}/cancel`)
      assert.deepStrictEqual([refused.status, refused.json.code], [403, "forbidden"])
    }))

  it.effect("a retry is a new task that asks for the same, once the first one has ended", () =>
    Effect.gen(function*() {
      const { me, post, taskOf } = yield* startTasks()
      const first = (yield* post({ key: "deploy", policy: "none", priority: 2, model: "m" })).json
      const early = yield* me.post(`/api/tasks/${first.id}/retry`)
      assert.deepStrictEqual([early.status, early.json.error], [
        409,
        "this task has not ended (it is queued): wait until it has, or cancel it first"
      ])
      yield* me.post(`/api/tasks/${first.id}/cancel`)
      const { json, status } = yield* me.post(`/api/tasks/${first.id}/retry`)
      assert.deepStrictEqual([status, json.status, json.retry_of, json.key], [200, "queued", first.id, "deploy"])
      const [before, after] = [yield* taskOf(first.id), yield* taskOf(json.id)]
      const asks = ({ key, model, policy, priority, prompt }: Task.Task) => [key, model, policy, priority, prompt]
      assert.deepStrictEqual(asks(after), asks(before))
      assert.strictEqual((yield* me.get("/api/audit?action=task.retry")).json.events[0].details.retry_of, first.id)
    }))
})

describe("tasks of people: a store that is down", () => {
  it.effect("T-12 every call is 500 with a sentence, never 404, and works again when the store does", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me, post } = yield* startTasks({
        wraps: {
          tasks: (real) => ({
            enqueue: outage.guard("TaskQueue.enqueue", real.enqueue),
            find: outage.guard("TaskQueue.find", real.find),
            list: outage.guard("TaskQueue.list", real.list),
            cancel: outage.guard("TaskQueue.cancel", real.cancel)
          }),
          taskLog: () => ({ read: () => dead("TaskLog.read") })
        }
      })
      const { id } = (yield* post()).json
      const log = yield* me.get(`/api/tasks/${id}/events`)
      assert.deepStrictEqual([log.status, log.json.error], [500, "failed to load task: the store does not answer"])
      outage.down = true
      const calls = [
        [post(), "failed to queue task"],
        [me.get("/api/tasks"), "failed to list tasks"],
        [me.get(`/api/tasks/${id}?wait=20`), "failed to load task"],
        [me.get(`/api/tasks/${id}/explain`), "failed to load task"],
        [me.get(`/api/tasks/${id}/stream`), "failed to load task"],
        [me.post(`/api/tasks/${id}/cancel`), "failed to load task"],
        [me.post(`/api/tasks/${id}/retry`), "failed to load task"]
      ] as const
      for (const [call, error] of calls) {
        const answer = yield* call
        assert.deepStrictEqual([answer.status, answer.json.error], [500, `${error}: the store does not answer`])
      }
      outage.down = false
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.status, "queued")
    }))
})
