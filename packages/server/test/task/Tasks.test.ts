import { assert, describe, it } from "@effect/vitest"
import type { Task } from "@muster/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { dead, Outage } from "../support/Stores.ts"
import { startTasks } from "./TaskScene.ts"

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
