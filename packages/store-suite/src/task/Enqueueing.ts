import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task, type TaskQueue } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  claimed,
  claimOf,
  completed,
  enqueue,
  enqueueAll,
  failedAs,
  freshRuntime,
  freshWorkspace,
  idsOf,
  look,
  newTask,
  persons,
  type Scene,
  scene,
  started,
  together
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const again = (key: string, fingerprint = "one"): TaskQueue.Enqueue["idempotency"] => ({ key, fingerprint })

/** Enqueues on this node under an idempotency key; a new task each time. */
const once = Effect.fnUntraced(function*(
  { queue }: Scene["a"],
  to: Pick<Scene, "workspaceId" | "runtimeId">,
  idempotency: TaskQueue.Enqueue["idempotency"]
) {
  return yield* queue.enqueue({ task: yield* newTask(to), idempotency })
})

/** How many at a time. */
const batch = 50

/** Enqueues many, concurrently on both nodes. */
const fill = (on: Scene, runtimeIds: ReadonlyArray<Scene["runtimeId"]>, count: number, key: string | null = null) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(count / batch) }, (_, i) => Math.min(batch, count - i * batch)),
    (size) =>
      together(
        alternate(on, size).map((node, i) =>
          enqueue(node, { ...on, runtimeId: runtimeIds[i % runtimeIds.length]! }, { key, prompt: "x" })
        )
      ),
    { discard: true }
  )

/** Which bound refused one more; undefined: none did. */
const refusal = Effect.fnUntraced(function*(
  node: Scene["a"],
  to: Pick<Scene, "workspaceId" | "runtimeId">,
  more: Partial<Task.NewTask> = {}
) {
  const task = yield* newTask(to, more)
  return yield* node.queue.enqueue({ task, idempotency: null }).pipe(
    Effect.as(undefined),
    Effect.catchTag("TasksFull", ({ bound, max }) => Effect.succeed([bound, max] as const)),
    // Nothing of a refused one is stored.
    Effect.tap((refused) =>
      Effect.map(look(node, task), (found) => strictEqual(found === undefined, refused !== undefined))
    )
  )
})

/** What an enqueue makes, and its bounds: T-06, T-07. */
export const enqueueing = (backend: TaskBackend): void => {
  it.effect("T-06 an enqueued task is on both nodes exactly as it was given", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      yield* TestClock.adjust(7)
      const retryOf = yield* Task.randomTaskId
      const input = yield* newTask(on, {
        by: persons.cyd,
        prompt: "x".repeat(Task.maxPrompt),
        folder: "/srv/größe",
        model: "openai/gpt-x",
        policy: "none",
        priority: -10,
        key: "k".repeat(4_200),
        retryOf
      })
      const { created, task } = yield* on.a.queue.enqueue({ task: input, idempotency: null })
      deepStrictEqual([created, task], [true, Task.make(input, 7)])
      deepStrictEqual(Object.keys(task).toSorted(), Object.keys(Task.Task.fields).toSorted())
      deepStrictEqual(yield* look(on.a, task), task)
      deepStrictEqual(yield* look(on.b, task), task)
    }))

  it.effect("T-06 enqueue twice with one idempotency key gives one task, also after it ended and on the other node", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const first = yield* once(on.a, on, again("k"))
      deepStrictEqual(yield* once(on.b, on, again("k")), { task: first.task, created: false })
      const [task] = yield* on.a.queue.claim(claimOf(on))
      yield* on.a.queue.settle(task!, failedAs("agent_error"), {})
      const ended = yield* look(on.a, task!)
      deepStrictEqual(yield* once(on.b, on, again("k")), { task: ended, created: false })
      deepStrictEqual((yield* on.b.queue.list(on.workspaceId, {}, null, 10)).length, 1)
    }))

  it.effect("T-06 another body under the same key is a conflict that names the task, and nothing is stored", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { task } = yield* once(on.a, on, again("k"))
      const error = yield* Effect.flip(once(on.b, on, again("k", "another")))
      deepStrictEqual([error._tag, error._tag === "IdempotencyConflict" && error.id], ["IdempotencyConflict", task.id])
      deepStrictEqual(idsOf(yield* on.b.queue.list(on.workspaceId, {}, null, 10)), [task.id])
    }))

  it.effect("T-06 a key is one workspace's, and free again after 24 h", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { task } = yield* once(on.a, on, again("k"))
      strictEqual((yield* once(on.b, { ...on, workspaceId: yield* freshWorkspace }, again("k"))).created, true)
      strictEqual((yield* once(on.b, on, again("K"))).created, true)
      yield* TestClock.adjust(Task.times.idempotency)
      strictEqual((yield* once(on.b, on, again("k"))).task.id, task.id)
      yield* TestClock.adjust(1)
      const second = yield* once(on.b, on, again("k", "another"))
      strictEqual(second.created, true)
      strictEqual((yield* once(on.a, on, again("k", "another"))).task.id, second.task.id)
    }))

  it.effect("T-06 of 16 concurrent enqueues with one key one makes the task and the others get it", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const made = yield* together(alternate(on, 16).map((node) => once(node, on, again("k"))))
      strictEqual(made.filter(({ created }) => created).length, 1)
      strictEqual(new Set(made.map(({ task }) => task.id)).size, 1)
      strictEqual((yield* on.a.queue.list(on.workspaceId, {}, null, 100)).length, 1)
    }))

  it.effect(
    "T-07 the 1,001st queued task of a runtime is refused with the number until one is claimed",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const { runtime: max } = Task.maxQueued
        yield* fill(on, [on.runtimeId], max)
        deepStrictEqual(yield* on.b.queue.counts([on.runtimeId]), new Map([[on.runtimeId, { queued: max, active: 0 }]]))
        deepStrictEqual(yield* refusal(on.a, on), ["runtime", max])
        strictEqual(yield* refusal(on.b, { ...on, runtimeId: yield* freshRuntime }), undefined)
        strictEqual((yield* on.a.queue.claim(claimOf(on))).length, 1)
        strictEqual(yield* refusal(on.b, on), undefined)
        deepStrictEqual(yield* refusal(on.a, on), ["runtime", max])
        // Those that nobody claimed are over.
        yield* TestClock.adjust(Task.times.queued + 1)
        strictEqual(yield* refusal(on.a, on), undefined)
      }),
    120_000
  )

  it.effect("T-07 the 10,001st queued task of a workspace is refused with the number", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { workspace: max } = Task.maxQueued
      const runtimeIds = yield* Effect.forEach(Array.from({ length: 25 }), () => freshRuntime)
      yield* fill(on, runtimeIds, max)
      deepStrictEqual(yield* refusal(on.a, on), ["workspace", max])
      strictEqual(yield* refusal(on.b, { ...on, workspaceId: yield* freshWorkspace }), undefined)
    }), 600_000)

  it.effect(
    "T-07 the 201st queued task of a key is refused with the number, on any runtime",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const { key: max } = Task.maxQueued
        const runtimeIds = [on.runtimeId, yield* freshRuntime]
        yield* fill(on, runtimeIds, max, "folder")
        deepStrictEqual(yield* refusal(on.a, on, { key: "folder" }), ["key", max])
        deepStrictEqual(yield* refusal(on.b, { ...on, runtimeId: runtimeIds[1]! }, { key: "folder" }), ["key", max])
        strictEqual(yield* refusal(on.b, on, { key: "another" }), undefined)
        strictEqual(yield* refusal(on.b, on), undefined)
        yield* on.a.queue.claim(claimOf(on, { max: 32 }))
        strictEqual(yield* refusal(on.b, on, { key: "folder" }), undefined)
      }),
    120_000
  )

  it.effect(
    "T-07 concurrent enqueues on two nodes fill the last places of each bound and no more",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const { key, runtime, workspace } = Task.maxQueued
        const places = 3
        const runtimeIds = yield* Effect.forEach(Array.from({ length: 20 }), () => freshRuntime)
        /** Whether each of 64 concurrent enqueues was refused, and by which bound. */
        const refusals = (to: Pick<Scene, "workspaceId" | "runtimeId">, more: Partial<Task.NewTask> = {}) =>
          Effect.map(
            together(alternate(on, 64).map((node) => refusal(node, to, more))),
            (all) => [...all.filter((one) => one !== undefined), ...all.filter((one) => one === undefined)]
          )
        const expected = (bound: keyof typeof Task.maxQueued) =>
          Array.from({ length: 64 }, (_, i) => i < 64 - places ? [bound, Task.maxQueued[bound]] as const : undefined)

        yield* fill(on, [on.runtimeId], key - places, "folder")
        deepStrictEqual(yield* refusals(on, { key: "folder" }), expected("key"))
        yield* fill(on, [on.runtimeId], runtime - places - key)
        deepStrictEqual(yield* refusals(on), expected("runtime"))
        yield* fill(on, runtimeIds, workspace - places - runtime)
        deepStrictEqual(yield* refusals({ ...on, runtimeId: yield* freshRuntime }), expected("workspace"))
      }),
    600_000
  )

  it.effect(
    "T-07 a full queue still answers with the task of a known idempotency key, and takes retries",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const { task } = yield* once(on.a, on, again("k"))
        const [first] = yield* on.a.queue.claim(claimOf(on))
        yield* fill(on, [on.runtimeId], Task.maxQueued.runtime)
        strictEqual((yield* once(on.b, on, again("k"))).task.id, task.id)
        yield* on.b.queue.settle(first!, failedAs("agent_died"), {})
        strictEqual((yield* look(on.a, task))?.state._tag, "Queued")
      }),
    120_000
  )

  it.effect("T-08 the tasks of a deleted runtime end as failed without another try, and its daemon stops them", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = yield* enqueue(on.a, { ...on, runtimeId: yield* freshRuntime })
      const running = yield* started(on.a, on)
      const dispatched = yield* claimed(on.a, on)
      const canceled = yield* started(on.a, on)
      const done = yield* started(on.a, on)
      yield* on.b.queue.cancel(on.workspaceId, canceled.id, persons.ada)
      yield* on.b.queue.settle(done, completed, {})
      const queued = yield* enqueue(on.a, on)
      const ended = yield* on.b.queue.runtimesDeleted([on.runtimeId], 500)
      deepStrictEqual(idsOf(ended).toSorted(), idsOf([running, dispatched, canceled, queued]).toSorted())
      for (const task of [running, dispatched, queued]) {
        const found = yield* look(on.a, task)
        strictEqual(found?.state._tag === "Failed" && found.state.reason, "runtime_deleted")
      }
      const gone = yield* look(on.a, canceled)
      strictEqual(gone?.state._tag === "Cancelled" && gone.state.confirmed, false)
      deepStrictEqual(
        (yield* on.a.queue.beat(on.daemonId, [running, dispatched, canceled])).map(({ order }) => order),
        ["stop", "stop", "stop"]
      )
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 32 })), [])
      deepStrictEqual(yield* on.b.queue.runtimesDeleted([on.runtimeId], 500), [])
      deepStrictEqual(yield* look(on.b, other), other)
      strictEqual(Task.statusOf((yield* look(on.b, done))!), "completed")
    }))

  it.effect("T-08 one call ends as many tasks of deleted runtimes as it may, active ones first", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = { ...on, runtimeId: yield* freshRuntime }
      const queued = yield* enqueueAll(on.a, on, [{}, {}, {}])
      const active = yield* started(on.a, other)
      const call = on.b.queue.runtimesDeleted([on.runtimeId, other.runtimeId], 2)
      const ended = [yield* call, yield* call, yield* call]
      deepStrictEqual(ended.map(({ length }) => length), [2, 2, 0])
      strictEqual(ended[0]!.some(({ id }) => id === active.id), true)
      deepStrictEqual(idsOf(ended.flat()).toSorted(), idsOf([active, ...queued]).toSorted())
    }))
}
