import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  claimOf,
  completed,
  enqueue,
  enqueueAll,
  failedAs,
  freshRuntime,
  idsOf,
  look,
  persons,
  scene,
  started,
  stopped,
  together
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const rounds = 20

/** Both orders, so that each of two calls is often the first one. */
const race = (round: number, calls: ReadonlyArray<Effect.Effect<unknown, unknown>>) =>
  together(round % 2 === 0 ? calls : calls.toReversed())

/** Different operations on the same tasks at the same moment, on two nodes. */
export const races = (backend: TaskBackend): void => {
  it.effect("T-03 with a concurrent claim and cancel the task is canceled, and claimed or not, but never left running", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (let round = 0; round < rounds; round++) {
        const { id } = yield* enqueue(on.a, on)
        const claim = on.a.queue.claim(claimOf(on))
        yield* race(round, [claim, on.b.queue.cancel(on.workspaceId, id, persons.bob)])
        const task = yield* look(on.b, { id })
        const status = task && Task.statusOf(task)
        assertTrue(status === "cancelled" || status === "cancelling", status)
        if (status === "cancelling") yield* on.a.queue.settle({ id, epoch: 1 }, stopped, {})
        deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      }
    }))

  it.effect("T-08 with a concurrent claim and deletion of the runtime no task is left", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (let round = 0; round < rounds; round++) {
        const runtimeId = yield* freshRuntime
        const made = yield* enqueueAll(on.a, { ...on, runtimeId }, [{}, { key: `k${round}` }, {}])
        const claim = on.a.queue.claim(claimOf({ ...on, runtimeId }, { max: 2 }))
        yield* race(round, [claim, on.b.queue.runtimesDeleted([runtimeId], 500)])
        for (const { id } of made) {
          const task = yield* look(on.a, { id })
          strictEqual(task?.state._tag === "Failed" && task.state.reason, "runtime_deleted")
        }
        deepStrictEqual(yield* on.b.queue.counts([runtimeId]), new Map())
      }
    }))

  it.effect("T-03 with a concurrent report, cancel and sweep at the limit exactly one ends the task", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (let round = 0; round < rounds; round++) {
        const task = yield* started(on.a, on)
        yield* on.b.queue.cancel(on.workspaceId, task.id, persons.ada)
        yield* on.a.queue.beat(on.daemonId, [task])
        // The moment of the limit itself is in time; the sweep must not take it.
        yield* TestClock.adjust(Task.times.cancelling)
        const outcome = round % 3 === 0 ? completed : stopped
        yield* race(round, [
          on.a.queue.settle(task, outcome, {}),
          on.b.queue.sweep(Task.maxSwept),
          on.b.queue.settle(task, failedAs("agent_error"), {})
        ])
        const ended = yield* look(on.b, task)
        assertTrue(ended !== undefined && Task.isTerminal(ended))
        deepStrictEqual(yield* look(on.a, task), ended)
      }
    }))

  it.effect("T-04 of concurrent sweeps on two nodes each changes and returns its own tasks", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const made = yield* enqueueAll(on.a, on, Array.from({ length: 40 }, () => ({})))
      yield* TestClock.adjust(Task.times.queued + 1)
      const swept: Array<Task.Task> = []
      for (let round = 0; swept.length < made.length && round < made.length; round++) {
        swept.push(...(yield* together(alternate(on, 8).map(({ queue }) => queue.sweep(10)))).flat())
      }
      deepStrictEqual(idsOf(swept).toSorted(), idsOf(made).toSorted())
    }))

  it.effect("concurrent removals on two nodes count each task once", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const made = yield* enqueueAll(on.a, on, Array.from({ length: 30 }, () => ({})))
      for (const { id } of made) yield* on.b.queue.cancel(on.workspaceId, id, persons.ada)
      yield* TestClock.adjust(1)
      let removed = 0
      for (let round = 0; removed < made.length && round < made.length; round++) {
        const counts = yield* together(alternate(on, 4).map(({ queue }) => queue.expire(1, 10)))
        removed += counts.reduce((sum, { tasks }) => sum + tasks, 0)
      }
      strictEqual(removed, made.length)
      deepStrictEqual(yield* on.a.queue.list(on.workspaceId, {}, null, 10), [])
    }))
}
