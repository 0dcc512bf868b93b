import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  claimOf,
  completed,
  enqueue,
  enqueueAll,
  freshDaemon,
  freshRuntime,
  idsOf,
  look,
  outcomeOf,
  persons,
  type Scene,
  scene,
  started
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

/** The scene, and the runtime and the daemon into which its own are merged. */
const merging = Effect.fnUntraced(function*(on: Scene) {
  const renewed = { ...on, runtimeId: yield* freshRuntime, daemonId: yield* freshDaemon }
  const merge: Task.Merge = { from: on.runtimeId, into: renewed.runtimeId, daemonId: renewed.daemonId }
  return { renewed, merge }
})

/** What a task has that works in a folder of this daemon's machine. */
const inFolder = (daemonId: Scene["daemonId"]) => ({ folder: "/srv/app", key: Task.folderKey(daemonId, "/srv/app") })

/** Runtimes that are merged into others: T-08, T-09. */
export const mergingRuntimes = (backend: TaskBackend): void => {
  it.effect("T-08 the tasks of a merged runtime are queued on the other one, with their sessions and age", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { merge, renewed } = yield* merging(on)
      const elsewhere = yield* enqueue(on.a, { ...on, runtimeId: yield* freshRuntime })
      const running = yield* started(on.a, on)
      yield* on.a.queue.note(running, { session: { id: "s-1", runtimeId: on.runtimeId, folder: "/w" } })
      const canceled = yield* started(on.a, on)
      yield* on.a.queue.cancel(on.workspaceId, canceled.id, persons.ada)
      const done = yield* started(on.a, on)
      yield* on.a.queue.settle(done, completed, {})
      yield* TestClock.adjust(1)
      const queued = yield* enqueue(on.a, on)
      const moved = yield* on.b.queue.runtimesMerged([merge], 10)
      deepStrictEqual(idsOf(moved).toSorted(), idsOf([running, canceled, queued]).toSorted())
      deepStrictEqual(yield* on.a.queue.runtimesMerged([merge], 10), [])
      deepStrictEqual(yield* on.a.queue.counts([on.runtimeId]), new Map())
      deepStrictEqual(yield* look(on.a, elsewhere), elsewhere)
      deepStrictEqual(
        (yield* Effect.forEach([canceled, done], (task) => look(on.a, task))).map((task) =>
          task && [Task.statusOf(task), task.runtimeId]
        ),
        [["cancelled", on.runtimeId], ["completed", on.runtimeId]]
      )
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 10 })), [])
      const taken = yield* on.a.queue.claim(claimOf(renewed, { max: 10 }))
      deepStrictEqual(taken.map(({ attempts, id, session }) => [id, attempts.length, session?.runtimeId ?? null]), [
        [running.id, 2, renewed.runtimeId],
        [queued.id, 1, null]
      ])
      strictEqual(outcomeOf(yield* on.b.queue.settle(running, completed, {})), "Superseded")
      deepStrictEqual(yield* on.b.queue.beat(on.daemonId, [running]), [{ id: running.id, epoch: 1, order: "stop" }])
    }))

  it.effect("T-09 a folder has one key before and after the merge, whatever the name of its daemon", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { merge, renewed } = yield* merging(on)
      const holder = yield* started(on.a, on, { task: inFolder(on.daemonId) })
      const waiting = yield* enqueue(on.a, on, inFolder(on.daemonId))
      yield* TestClock.adjust(1)
      const fresh = yield* enqueue(on.a, renewed, inFolder(renewed.daemonId))
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      yield* on.b.queue.runtimesMerged([merge], 10)
      const order: Array<Task.TaskId> = []
      for (let taken = yield* on.b.queue.claim(claimOf(renewed, { max: 3 })); taken.length > 0;) {
        strictEqual(taken.length, 1)
        order.push(taken[0]!.id)
        yield* on.a.queue.start(taken[0]!)
        yield* on.a.queue.settle(taken[0]!, completed, {})
        taken = yield* on.b.queue.claim(claimOf(renewed, { max: 3 }))
      }
      deepStrictEqual(new Set(order.slice(0, 2)), new Set([holder.id, waiting.id]))
      deepStrictEqual(order.slice(2), [fresh.id])
    }))

  it.effect("T-08 one call moves as many tasks as it may", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { merge, renewed } = yield* merging(on)
      const made = yield* enqueueAll(on.a, on, [{}, {}, {}])
      const call = on.b.queue.runtimesMerged([merge], 2)
      const moved = [yield* call, yield* call]
      deepStrictEqual(moved.map(({ length }) => length), [2, 1])
      deepStrictEqual(idsOf(moved.flat()).toSorted(), idsOf(made).toSorted())
      deepStrictEqual(
        yield* on.a.queue.counts([on.runtimeId, renewed.runtimeId]),
        new Map([[renewed.runtimeId, { queued: 3, active: 0 }]])
      )
    }))
}
