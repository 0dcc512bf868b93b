import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
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
  freshDaemon,
  freshRuntime,
  idsOf,
  persons,
  scene,
  started,
  stopped,
  together
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const key = "box:/srv/größe"

/** Of the tasks with one concurrency key at most one is active: T-09. */
export const keys = (backend: TaskBackend): void => {
  it.effect("T-09 one claim takes one task of a key, and skips the others for tasks behind them", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const [first, second, , last] = yield* enqueueAll(on.a, on, [
        { key, priority: 4 },
        { key, priority: 3 },
        { key, priority: 2 },
        { priority: 1 }
      ])
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf(on, { max: 4 }))), [first!.id, last!.id])
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 4 })), [])
      yield* on.a.queue.start(first!)
      yield* on.a.queue.start({ id: first!.id, epoch: 1 })
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 4 })), [])
      yield* on.b.queue.settle({ id: first!.id, epoch: 1 }, completed, {})
      strictEqual(yield* on.a.queue.claimable([on.runtimeId]), true)
      deepStrictEqual(idsOf(yield* on.a.queue.claim(claimOf(on, { max: 4 }))), [second!.id])
    }))

  it.effect("T-09 a key is held over runtimes, daemons and nodes, and taken by the next claim once it is free", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = { ...on, runtimeId: yield* freshRuntime, daemonId: yield* freshDaemon }
      const holder = yield* started(on.a, on, { task: { key } })
      const next = yield* enqueue(on.a, other, { key })
      deepStrictEqual(yield* on.b.queue.claim(claimOf(other)), [])
      deepStrictEqual(idsOf(yield* on.b.queue.active({ runtimeIds: [], keys: [key, "none"] }, 10)), [holder.id])
      yield* on.a.queue.settle(holder, failedAs("agent_error"), {})
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf(other))), [next.id])
    }))

  for (
    const [name, end] of [
      ["its daemon confirms the cancel", stopped],
      ["a retry waits", failedAs("agent_died")]
    ] as const
  ) {
    it.effect(`T-09 the key is held while the task is cancelling, and free when ${name}`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const holder = yield* started(on.a, on, { task: { key, priority: 1 } })
        const next = yield* enqueue(on.a, on, { key })
        if (end === stopped) yield* on.b.queue.cancel(on.workspaceId, holder.id, persons.ada)
        deepStrictEqual(yield* on.b.queue.claim(claimOf(on)), [])
        yield* on.b.queue.settle(holder, end, {})
        const [taken] = yield* on.a.queue.claim(claimOf(on))
        // A retry that is due at once has the higher priority.
        strictEqual(taken?.id, end === stopped ? next.id : holder.id)
      }))
  }

  it.effect("T-09 the key of a task whose daemon died is held until its grace is over", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = { ...on, runtimeId: yield* freshRuntime, daemonId: yield* freshDaemon }
      yield* started(on.a, on, { task: { key } })
      yield* TestClock.adjust(Task.times.grace)
      const next = yield* enqueue(on.b, other, { key })
      deepStrictEqual(yield* on.b.queue.claim(claimOf(other)), [])
      yield* TestClock.adjust(1)
      strictEqual(yield* on.b.queue.claimable([other.runtimeId]), true)
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf(other))), [next.id])
    }))

  it.effect("T-09 a key that is free after a claim lapsed or was given back is taken", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const holder = yield* claimed(on.a, on, { task: { key } })
      const next = yield* enqueue(on.a, on, { key, priority: 5 })
      deepStrictEqual(yield* on.b.queue.claim(claimOf(on)), [])
      yield* on.a.queue.release(holder)
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf(on))), [next.id])
      yield* TestClock.adjust(Task.times.unstarted + 1)
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf({ ...on, daemonId: yield* freshDaemon }))), [next.id])
    }))

  for (const claimers of [8, 64]) {
    it.effect(`T-09 of ${claimers} concurrent claims on two nodes one gets a task of the key, each time`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const runtimeIds = yield* Effect.forEach([1, 2, 3, 4], () => freshRuntime)
        const made = yield* Effect.forEach(
          Array.from({ length: 6 }),
          (_, i) => enqueue(on.a, { ...on, runtimeId: runtimeIds[i % 4]! }, { key })
        )
        const daemons = yield* Effect.forEach(runtimeIds, () => freshDaemon)
        const done: Array<Task.TaskId> = []
        for (const _ of made) {
          const claims = alternate(on, claimers).map((node, i) =>
            node.queue.claim(claimOf({ runtimeId: runtimeIds[i % 4]!, daemonId: daemons[i % 4]! }, { max: 3 }))
          )
          const taken = (yield* together(claims)).flat()
          strictEqual(taken.length, 1)
          strictEqual((yield* on.b.queue.active({ runtimeIds, keys: [key] }, 10)).length, 1)
          yield* on.a.queue.settle(taken[0]!, failedAs("agent_error"), {})
          done.push(taken[0]!.id)
        }
        deepStrictEqual(done.toSorted(), idsOf(made).toSorted())
      }))
  }
}
