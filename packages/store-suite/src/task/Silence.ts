import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  claimed,
  claimOf,
  completed,
  doneTask,
  enqueue,
  failedAs,
  freshDaemon,
  freshRuntime,
  idsOf,
  look,
  outcomeOf,
  persons,
  result,
  scene,
  started,
  usageOf
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const minutes = 60_000

/** A daemon that is silent, and one that comes back: T-04, T-05. */
export const silence = (backend: TaskBackend): void => {
  it.effect("T-04 a running task of a daemon that is silent for 10 minutes goes on and its end is accepted", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      yield* TestClock.adjust(10 * minutes)
      deepStrictEqual(yield* on.b.queue.sweep(Task.maxSwept), [])
      deepStrictEqual(yield* look(on.b, task), task)
      const end = doneTask(yield* on.b.queue.settle(task, completed, {}))
      deepStrictEqual(end.state, { _tag: "Completed", endedAt: 10 * minutes, result })
    }))

  it.effect("T-04 each beat starts the grace again; after 3 h of silence the task is lost and queued for another try", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      yield* TestClock.adjust(Task.times.grace)
      deepStrictEqual(yield* on.b.queue.beat(on.daemonId, [task]), [])
      yield* TestClock.adjust(Task.times.grace)
      deepStrictEqual(yield* on.a.queue.sweep(Task.maxSwept), [])
      yield* TestClock.adjust(1)
      const [lost, ...more] = yield* on.a.queue.sweep(Task.maxSwept)
      const lostAt = 2 * Task.times.grace
      deepStrictEqual(more, [])
      deepStrictEqual(lost?.state, { _tag: "Queued", queuedAt: lostAt, notBefore: lostAt })
      deepStrictEqual(lost?.attempts.map(({ endedAt, reason }) => [endedAt, reason]), [[lostAt, "runtime_lost"]])
      deepStrictEqual(yield* on.b.queue.sweep(Task.maxSwept), [])
      const [again] = yield* on.b.queue.claim(claimOf({ ...on, daemonId: yield* freshDaemon }))
      deepStrictEqual([again?.id, again?.epoch], [task.id, 2])
    }))

  it.effect("T-04 a task that is lost three times fails", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { id } = yield* enqueue(on.a, on)
      for (const wait of [0, 30_000, 0]) {
        const [task] = yield* on.a.queue.claim(claimOf(on))
        strictEqual(task?.id, id)
        yield* on.b.queue.start(task!)
        yield* TestClock.adjust(Task.times.grace + wait)
        if (wait === 0) yield* TestClock.adjust(1)
      }
      const ended = yield* look(on.b, { id })
      deepStrictEqual(ended?.attempts.map(({ reason }) => reason), ["runtime_lost", "runtime_lost", "runtime_lost"])
      strictEqual(ended?.state._tag === "Failed" && ended.state.reason, "runtime_lost")
    }))

  it.effect("T-04 a task that nobody claims within 24 h fails, and a reader sees it before any sweep", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* enqueue(on.a, on)
      yield* TestClock.adjust(Task.times.queued)
      strictEqual((yield* look(on.b, task))?.state._tag, "Queued")
      yield* TestClock.adjust(1)
      const failed = { statuses: ["failed" as const] }
      deepStrictEqual(idsOf(yield* on.b.queue.list(on.workspaceId, failed, null, 10)), [task.id])
      deepStrictEqual(yield* on.b.queue.counts([on.runtimeId]), new Map())
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      const ended = yield* look(on.b, task)
      strictEqual(ended?.state._tag === "Failed" && ended.state.reason, "queued_expired")
      strictEqual(ended?.updatedAt, Task.times.queued)
    }))

  it.effect("T-04 a sweep changes at most as many as it may, and each once", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const made = yield* Effect.forEach([1, 2, 3, 4, 5], () => enqueue(on.a, on))
      yield* TestClock.adjust(Task.times.queued + 1)
      const swept = [yield* on.a.queue.sweep(2), yield* on.b.queue.sweep(2), yield* on.a.queue.sweep(2)]
      deepStrictEqual(swept.map(({ length }) => length), [2, 2, 1])
      deepStrictEqual(idsOf(swept.flat()).toSorted(), idsOf(made).toSorted())
      deepStrictEqual(new Set(swept.flat().map(Task.statusOf)), new Set(["failed"]))
    }))

  it.effect("T-05 what attempt 1 reports after attempt 2 was claimed is superseded and changes nothing", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const first = yield* started(on.a, on)
      yield* TestClock.adjust(Task.times.grace + 1)
      const daemonId = yield* freshDaemon
      // Between the attempts too: it is nobody's.
      strictEqual(outcomeOf(yield* on.b.queue.settle(first, completed, {})), "Superseded")
      const [second] = yield* on.b.queue.claim(claimOf({ ...on, daemonId }))
      const note = { usage: [usageOf(1)] }
      const late = [
        on.a.queue.start(first),
        on.a.queue.renew(first),
        on.a.queue.release(first),
        on.a.queue.note(first, note),
        on.a.queue.settle(first, completed, note),
        on.a.queue.settle(first, failedAs("agent_died"), note)
      ]
      for (const call of late) strictEqual(outcomeOf(yield* call), "Superseded")
      const stop = { id: first.id, epoch: 1, order: "stop" as const }
      deepStrictEqual(yield* on.a.queue.beat(on.daemonId, [first]), [stop])
      // The same daemon with an old claim, and another one with the new claim.
      deepStrictEqual(yield* on.a.queue.beat(daemonId, [first]), [stop])
      deepStrictEqual(yield* on.a.queue.beat(on.daemonId, [second!]), [{ ...stop, epoch: 2 }])
      deepStrictEqual(yield* on.b.queue.beat(daemonId, [second!]), [])
      deepStrictEqual(yield* look(on.b, first), second)
      yield* on.b.queue.start(second!)
      strictEqual(outcomeOf(yield* on.b.queue.settle(second!, completed, {})), "Done")
    }))

  it.effect("T-05 orders come in the order of what the daemon names, one per task that has one", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const going = yield* started(on.a, on)
      const canceled = yield* started(on.a, on)
      const ended = yield* started(on.a, on)
      yield* on.b.queue.cancel(on.workspaceId, canceled.id, persons.ada)
      yield* on.b.queue.settle(ended, completed, {})
      const unknown = { id: yield* Task.randomTaskId, epoch: 1 }
      deepStrictEqual(yield* on.a.queue.beat(on.daemonId, []), [])
      deepStrictEqual(
        (yield* on.a.queue.beat(on.daemonId, [ended, going, unknown, canceled])).map(({ id, order }) => [id, order]),
        [[ended.id, "stop"], [unknown.id, "stop"], [canceled.id, "cancel"]]
      )
    }))

  it.effect("T-04 a restarted daemon's tasks that it does not hold are tried again; what it may not hold is stopped", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const elsewhere = yield* started(on.a, { ...on, runtimeId: yield* freshRuntime })
      const kept = yield* started(on.a, on)
      const lost = yield* started(on.a, on)
      yield* TestClock.adjust(1)
      const unstarted = yield* claimed(on.a, on)
      yield* TestClock.adjust(1)
      const canceled = yield* started(on.a, on)
      yield* on.b.queue.cancel(on.workspaceId, canceled.id, persons.ada)
      const ended = yield* started(on.a, on)
      yield* on.b.queue.settle(ended, completed, {})
      const unknown = { id: yield* Task.randomTaskId, epoch: 1 }
      const held = [ended, kept, unknown].map(({ epoch, id }) => ({ id, epoch }))
      const { orphaned, stop } = yield* on.b.queue.reconcile({
        daemonId: on.daemonId,
        runtimeIds: [on.runtimeId],
        held,
        swept: true
      })
      deepStrictEqual(stop, held.filter(({ id }) => id !== kept.id))
      deepStrictEqual(idsOf(orphaned), idsOf([lost, unstarted, canceled]))
      deepStrictEqual(orphaned.map(Task.statusOf), ["queued", "queued", "cancelled"])
      deepStrictEqual(orphaned.map(({ attempts }) => attempts.map(({ reason }) => reason)), [
        ["daemon_restarted"],
        [],
        [null]
      ])
      deepStrictEqual(yield* look(on.a, kept), kept)
      deepStrictEqual(yield* look(on.a, elsewhere), elsewhere)
    }))

  it.effect("T-05 a restarted daemon that holds an earlier claim of its task does not hold the present one", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const first = yield* claimed(on.a, on)
      yield* on.a.queue.release(first)
      const [second] = yield* on.a.queue.claim(claimOf(on))
      yield* on.a.queue.start(second!)
      const held = [{ id: first.id, epoch: first.epoch }]
      const input = { daemonId: on.daemonId, runtimeIds: [on.runtimeId], held, swept: true }
      const { orphaned, stop } = yield* on.b.queue.reconcile(input)
      deepStrictEqual([stop, idsOf(orphaned), orphaned.map(Task.statusOf)], [held, [first.id], ["queued"]])
      deepStrictEqual(yield* on.b.queue.reconcile(input), { stop: held, orphaned: [] })
    }))
}
