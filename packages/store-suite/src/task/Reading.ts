import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task, type TaskQueue } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { textsFrom } from "./Events.ts"
import {
  claimed,
  claimOf,
  completed,
  doneTask,
  enqueue,
  enqueueAll,
  failedAs,
  freshRuntime,
  freshWorkspace,
  idsOf,
  look,
  persons,
  scene,
  started,
  usageOf
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const { ada, bob } = persons

/** What people and the server read of tasks, and how long tasks are kept. */
export const reading = (backend: TaskBackend): void => {
  it.effect("a list is newest first, page by page without a task twice or missing, and one workspace's", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const made: Array<Task.Task> = []
      for (let i = 0; i < 7; i++) {
        made.push(yield* enqueue(i % 2 === 0 ? on.a : on.b, on))
        if (i % 3 === 2) yield* TestClock.adjust(1)
      }
      yield* enqueue(on.a, { ...on, workspaceId: yield* freshWorkspace })
      const expected = made.toSorted((x, y) => y.createdAt - x.createdAt || (x.id < y.id ? 1 : -1))
      const all = yield* on.b.queue.list(on.workspaceId, {}, null, 200)
      deepStrictEqual(all, expected)
      const paged: Array<Task.Task> = []
      for (let page = all.slice(0, 2); page.length > 0;) {
        paged.push(...page)
        page = [...yield* on.a.queue.list(on.workspaceId, {}, page.at(-1)!, 2)]
      }
      deepStrictEqual(idsOf(paged), idsOf(expected))
    }))

  it.effect("a list shows the tasks of the statuses, the runtime and the person that are asked for", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const runtimeId = yield* freshRuntime
      const running = yield* started(on.a, on, { task: { by: bob } })
      const done = yield* started(on.a, on)
      yield* on.a.queue.settle(done, completed, {})
      const [mine, theirs] = yield* enqueueAll(on.a, { ...on, runtimeId }, [{ by: ada }, { by: bob }])
      const found = (filter: Parameters<typeof on.a.queue.list>[1]) =>
        Effect.map(on.b.queue.list(on.workspaceId, filter, null, 10), (tasks) => new Set(idsOf(tasks)))
      deepStrictEqual(yield* found({ statuses: ["running", "completed"] }), new Set(idsOf([running, done])))
      deepStrictEqual(yield* found({ statuses: [] }), new Set())
      deepStrictEqual(yield* found({ runtimeId }), new Set(idsOf([mine!, theirs!])))
      deepStrictEqual(yield* found({ by: bob }), new Set(idsOf([running, theirs!])))
      deepStrictEqual(yield* found({ statuses: ["queued"], runtimeId, by: ada }), new Set([mine!.id]))
    }))

  it.effect("the counts of a runtime are its queued and active tasks; one without any is left out", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = yield* freshRuntime
      yield* started(on.a, on)
      yield* claimed(on.a, on)
      yield* enqueueAll(on.b, on, [{}, {}, {}])
      yield* on.b.queue.settle(yield* claimed(on.a, { ...on, runtimeId: other }), failedAs("agent_error"), {})
      deepStrictEqual(
        yield* on.b.queue.counts([other, on.runtimeId]),
        new Map([[on.runtimeId, { queued: 3, active: 2 }]])
      )
      deepStrictEqual(yield* on.b.queue.counts([]), new Map())
    }))

  it.effect("the active tasks are oldest first, each once, at most as many as asked for", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const first = yield* started(on.a, on, { task: { key: "k" } })
      yield* TestClock.adjust(1)
      const second = yield* claimed(on.a, on)
      yield* TestClock.adjust(1)
      const away = yield* started(on.a, { ...on, runtimeId: yield* freshRuntime }, { task: { key: "j" } })
      yield* enqueue(on.a, on)
      const by = { runtimeIds: [on.runtimeId], keys: ["j", "k"] }
      deepStrictEqual(idsOf(yield* on.b.queue.active(by, 10)), idsOf([first, second, away]))
      deepStrictEqual(idsOf(yield* on.b.queue.active(by, 2)), idsOf([first, second]))
      deepStrictEqual(yield* on.b.queue.active({ runtimeIds: [], keys: [] }, 10), [])
    }))

  it.effect("a task token is its task's while it is active, and for 24 h at most", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const hashes = ["a", "b", "c"].map((digit) => digit.repeat(64))
      yield* enqueueAll(on.a, on, [{}, {}, {}])
      const taken = yield* on.a.queue.claim(claimOf(on, { max: 3, tokenHashes: hashes }))
      const owner = (hash: string) => Effect.map(on.b.queue.byToken(hash), Option.map(({ id }) => id))
      for (const [i, task] of taken.entries()) deepStrictEqual(yield* owner(hashes[i]!), Option.some(task.id))
      deepStrictEqual(yield* owner("d".repeat(64)), Option.none())
      yield* Effect.forEach(taken, (task) => on.a.queue.start(task))
      yield* on.a.queue.settle(taken[0]!, completed, {})
      deepStrictEqual(yield* owner(hashes[0]!), Option.none())
      for (let hour = 0; hour < 24; hour++) {
        yield* TestClock.adjust(60 * 60_000)
        yield* on.b.queue.beat(on.daemonId, [taken[1]!])
      }
      deepStrictEqual(yield* owner(hashes[1]!), Option.some(taken[1]!.id))
      // The daemon was silent about the third one for longer than the grace.
      deepStrictEqual(yield* owner(hashes[2]!), Option.none())
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* owner(hashes[1]!), Option.none())
    }))

  it.effect("a note keeps the session, and replaces the usage of the same claim and model only", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const session = { id: "sess-größe", runtimeId: on.runtimeId, folder: null }
      yield* on.b.queue.note(task, { session })
      yield* on.b.queue.note(task, { usage: [usageOf(1, "x"), usageOf(1, "y")] })
      const more = { ...usageOf(1, "x"), inputTokens: 9_000 }
      const noted = doneTask(yield* on.a.queue.note(task, { usage: [more] }))
      deepStrictEqual([noted.session, noted.usage], [session, [usageOf(1, "y"), more]])
      deepStrictEqual(yield* look(on.b, task), noted)
      strictEqual(Task.totalUsage(noted).inputTokens, 10_200)
    }))

  it.effect("results and errors of the largest size are kept as they were reported", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const large: Task.Result = { text: "🧭".repeat(Task.maxResultText / 4), stopReason: null, rejections: 3 }
      const [one, two] = [yield* started(on.a, on), yield* started(on.a, on)]
      const done = doneTask(yield* on.a.queue.settle(one, { _tag: "Completed", result: large }, {}))
      deepStrictEqual(done.state, { _tag: "Completed", endedAt: 0, result: large })
      const end = { _tag: "Failed", reason: "agent_error", error: "e".repeat(2_000), result: large } as const
      const failed = doneTask(yield* on.a.queue.settle(two, end, {}))
      deepStrictEqual(failed.state, { ...end, endedAt: 0 })
      deepStrictEqual([yield* look(on.b, one), yield* look(on.b, two)], [done, failed])
    }))

  it.effect("tasks that ended before a moment are removed with their keys, at most as many as asked for", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const make = Effect.fnUntraced(function*() {
        const task = yield* started(on.a, on)
        yield* on.a.queue.settle(task, completed, {})
        return task
      })
      const old = [yield* make(), yield* make(), yield* make()]
      const queued = yield* enqueue(on.a, on)
      yield* TestClock.adjust(1_000)
      deepStrictEqual(yield* on.b.queue.expire(0, 10), { tasks: 0, isDone: true })
      deepStrictEqual(yield* on.b.queue.expire(1_000, 2), { tasks: 2, isDone: false })
      deepStrictEqual(yield* on.a.queue.expire(1_000, 2), { tasks: 1, isDone: true })
      deepStrictEqual(yield* on.a.queue.expire(1_000, 2), { tasks: 0, isDone: true })
      for (const task of old) strictEqual(yield* look(on.b, task), undefined)
      strictEqual((yield* look(on.b, queued))?.id, queued.id)
    }))
  it.effect(
    "one call removes about 10,000 events at most: of a larger log the oldest, and the task with the last ones",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const small = yield* started(on.a, on)
        const large = yield* started(on.a, on)
        const last = yield* started(on.a, on)
        yield* on.a.log.append(small, textsFrom(1, 3))
        for (let first = 1; first <= Task.maxExpired; first += 500) yield* on.a.log.append(large, textsFrom(first, 500))
        yield* on.a.log.append(large, textsFrom(Task.maxExpired + 1, 500))
        for (const task of [small, large, last]) {
          yield* TestClock.adjust(1)
          yield* on.a.queue.settle(task, completed, {})
        }
        yield* TestClock.adjust(1)
        deepStrictEqual(yield* on.b.queue.expire(1_000, 10), { tasks: 1, isDone: false })
        strictEqual(yield* look(on.a, small), undefined)
        strictEqual((yield* on.a.log.read(large.id, 0, 1)).first, 1)
        const calls: Array<TaskQueue.Expired> = []
        while (calls.at(-1)?.isDone !== true && calls.length < 5) calls.push(yield* on.b.queue.expire(1_000, 10))
        strictEqual(calls.at(-1)?.isDone, true)
        assertTrue(calls.length > 1, "the large log and the next task are not removed by one call")
        strictEqual(calls.reduce((sum, { tasks }) => sum + tasks, 0), 2)
        for (const task of [large, last]) strictEqual(yield* look(on.a, task), undefined)
        deepStrictEqual(yield* on.a.log.read(large.id, 0, 10), { events: [], last: 0, first: 1 })
      }),
    60_000
  )
}
