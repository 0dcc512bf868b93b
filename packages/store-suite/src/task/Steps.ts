import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task, type TaskQueue } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  claimed,
  claimOf,
  completed,
  doneTask,
  enqueue,
  failedAs,
  freshWorkspace,
  look,
  outcomeOf,
  persons,
  result,
  type Scene,
  scene,
  started,
  stopped,
  together,
  usageOf
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

type Queue = TaskQueue.TaskQueue["Service"]

/** Each state, and how a task comes to it. */
const states = {
  queued: (on: Scene) => enqueue(on.a, on),
  dispatched: (on: Scene) => claimed(on.a, on),
  running: (on: Scene) => started(on.a, on),
  cancelling: (on: Scene) =>
    Effect.tap(started(on.a, on), ({ id }) => on.a.queue.cancel(on.workspaceId, id, persons.bob)),
  completed: (on: Scene) => Effect.tap(started(on.a, on), (task) => on.a.queue.settle(task, completed, {})),
  failed: (on: Scene) => Effect.tap(started(on.a, on), (task) => on.a.queue.settle(task, failedAs("agent_error"), {})),
  cancelled: (on: Scene) =>
    started(on.a, on).pipe(
      Effect.tap(({ id }) => on.a.queue.cancel(on.workspaceId, id, persons.bob)),
      Effect.tap((task) => on.a.queue.settle(task, stopped, {}))
    )
}

/** What each step answers in each state. */
const answers: ReadonlyArray<
  readonly [
    name: string,
    step: (queue: Queue, held: TaskQueue.Held) => ReturnType<Queue["start"]>,
    expected: Record<keyof typeof states, string>
  ]
> = [
  ["start", (queue, held) => queue.start(held), {
    queued: "Superseded",
    dispatched: "Done",
    running: "Done",
    cancelling: "Refused: cancelling",
    completed: "Refused: completed",
    failed: "Refused: failed",
    cancelled: "Refused: cancelled"
  }],
  ["renew", (queue, held) => queue.renew(held), {
    queued: "Superseded",
    dispatched: "Done",
    running: "Refused: running",
    cancelling: "Refused: cancelling",
    completed: "Refused: completed",
    failed: "Refused: failed",
    cancelled: "Refused: cancelled"
  }],
  ["release", (queue, held) => queue.release(held), {
    queued: "Superseded",
    dispatched: "Done",
    running: "Refused: running",
    cancelling: "Refused: cancelling",
    completed: "Refused: completed",
    failed: "Refused: failed",
    cancelled: "Refused: cancelled"
  }],
  ["complete", (queue, held) => queue.settle(held, completed, {}), {
    queued: "Superseded",
    dispatched: "Refused: dispatched",
    running: "Done",
    cancelling: "Done",
    completed: "Done",
    failed: "Done",
    cancelled: "Done"
  }],
  ["fail", (queue, held) => queue.settle(held, failedAs("agent_error"), {}), {
    queued: "Superseded",
    dispatched: "Done",
    running: "Done",
    cancelling: "Done",
    completed: "Done",
    failed: "Done",
    cancelled: "Done"
  }],
  ["report the end after a cancel", (queue, held) => queue.settle(held, stopped, {}), {
    queued: "Superseded",
    dispatched: "Refused: dispatched",
    running: "Refused: running",
    cancelling: "Done",
    completed: "Done",
    failed: "Done",
    cancelled: "Done"
  }]
]

const terminal = ["completed", "failed", "cancelled"] as const

/** Which step each state allows: T-03. */
export const steps = (backend: TaskBackend): void => {
  for (const [name, step, expected] of answers) {
    it.effect(`T-03 ${name}: each state allows it, or refuses it by name and does not change`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const found: Record<string, string> = {}
        for (const [status, arrive] of Object.entries(states)) {
          const { id } = yield* arrive(on)
          const before = yield* look(on.b, { id })
          strictEqual(before && Task.statusOf(before), status)
          yield* TestClock.adjust(1)
          const answer = yield* step(on.b.queue, { id, epoch: before!.epoch })
          found[status] = outcomeOf(answer)
          const after = yield* look(on.a, { id })
          if (found[status] !== "Done") deepStrictEqual(after, before)
          else deepStrictEqual(after, doneTask(answer))
          if (Task.isTerminal(before!)) deepStrictEqual(after, before)
          // The next one must not find it.
          yield* on.a.queue.cancel(on.workspaceId, id, persons.ada)
          yield* on.a.queue.settle({ id, epoch: before!.epoch }, stopped, {})
        }
        deepStrictEqual(found, expected)
      }))
  }

  it.effect("T-03 a step on a task that does not exist is absent", () =>
    Effect.gen(function*() {
      const { a: { queue }, workspaceId } = yield* scene(backend.nodes)
      const held = { id: yield* Task.randomTaskId, epoch: 1 }
      for (const [, step] of answers) strictEqual(outcomeOf(yield* step(queue, held)), "Absent")
      strictEqual(outcomeOf(yield* queue.note(held, { usage: [] })), "Absent")
      deepStrictEqual(yield* queue.cancel(workspaceId, held.id, persons.ada), Option.none())
      deepStrictEqual(yield* queue.find(held.id), Option.none())
    }))

  for (const status of terminal) {
    it.effect(`T-03 no report changes a task that is ${status}; its usage may still arrive`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const { epoch, id } = yield* states[status](on)
        const held = { id, epoch }
        const before = yield* look(on.b, held)
        yield* TestClock.adjust(1_000)
        for (const outcome of [completed, failedAs("agent_died"), stopped]) {
          deepStrictEqual(doneTask(yield* on.b.queue.settle(held, outcome, {})), before)
        }
        deepStrictEqual(yield* on.a.queue.cancel(on.workspaceId, id, persons.ada), Option.some(before))
        deepStrictEqual(yield* on.a.queue.runtimesDeleted([on.runtimeId], 500), [])
        deepStrictEqual(yield* look(on.a, held), before)
        const usage = [usageOf(epoch)]
        const noted = doneTask(yield* on.a.queue.note(held, { usage }))
        deepStrictEqual([noted.state, noted.usage], [before!.state, usage])
        deepStrictEqual(doneTask(yield* on.b.queue.settle(held, completed, { usage })).usage, usage)
      }))
  }

  it.effect("T-03 a cancel ends a queued task at once, and a claimed one when its daemon confirms it", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const queued = yield* states.queued(on)
      const ended = Option.getOrUndefined(yield* on.b.queue.cancel(on.workspaceId, queued.id, persons.bob))
      deepStrictEqual(ended?.state, { _tag: "Cancelled", endedAt: 0, confirmed: true, result: null })
      deepStrictEqual(ended?.cancel, { by: persons.bob, at: 0 })
      const task = yield* states.running(on)
      yield* TestClock.adjust(10)
      deepStrictEqual(yield* on.b.queue.cancel(yield* freshWorkspace, task.id, persons.bob), Option.none())
      deepStrictEqual(yield* on.b.queue.beat(on.daemonId, [task]), [])
      yield* on.b.queue.cancel(on.workspaceId, task.id, persons.bob)
      const order = { id: task.id, epoch: task.epoch, order: "cancel" as const }
      deepStrictEqual(yield* on.a.queue.beat(on.daemonId, [task]), [order])
      const told = yield* look(on.b, task)
      yield* TestClock.adjust(5_000)
      // A second cancel, and a second order, change no deadline.
      yield* on.a.queue.cancel(on.workspaceId, task.id, persons.ada)
      deepStrictEqual(yield* on.b.queue.beat(on.daemonId, [task]), [order])
      strictEqual(Task.deadlineOf((yield* look(on.b, task))!), Task.deadlineOf(told!))
      const last = doneTask(yield* on.b.queue.settle(task, stopped, { usage: [usageOf(1)] }))
      deepStrictEqual(last.state, {
        _tag: "Cancelled",
        endedAt: 5_010,
        confirmed: true,
        result: { ...result, stopReason: "cancelled" }
      })
      deepStrictEqual([last.cancel, last.usage], [{ by: persons.bob, at: 10 }, [usageOf(1)]])
      deepStrictEqual(yield* on.a.queue.beat(on.daemonId, [task]), [{ ...order, order: "stop" }])
    }))

  it.effect("T-03 a canceled task whose daemon does not confirm ends unconfirmed after its time", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (const fenced of [true, false]) {
        const task = yield* started(on.a, on, { claim: { fenced } })
        yield* on.a.queue.cancel(on.workspaceId, task.id, persons.bob)
        yield* on.b.queue.beat(on.daemonId, [task])
        yield* TestClock.adjust(fenced ? Task.times.cancelling : Task.times.cancellingSilently)
        strictEqual(Task.statusOf((yield* look(on.a, task))!), "cancelling")
        yield* TestClock.adjust(1)
        const ended = yield* look(on.b, task)
        strictEqual(ended?.state._tag === "Cancelled" && ended.state.confirmed, false)
      }
    }))

  it.effect("T-03 of 8 concurrent ends on two nodes exactly one decides", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const reports = alternate(on, 8).map((node, i) =>
        node.queue.settle(task, i % 2 === 0 ? completed : failedAs("agent_error"), {})
      )
      const ends = (yield* together(reports)).map(doneTask)
      const final = yield* look(on.a, task)
      for (const end of ends) deepStrictEqual(end, final)
    }))

  it.effect("T-03 a released task is queued at once for another claim, its attempt uncounted", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* claimed(on.a, on, { claim: { tokenHashes: ["f".repeat(64)] } })
      yield* TestClock.adjust(10)
      const released = doneTask(yield* on.b.queue.release(task))
      deepStrictEqual([released.state, released.attempts], [{ _tag: "Queued", queuedAt: 10, notBefore: 10 }, []])
      deepStrictEqual(yield* on.a.queue.byToken("f".repeat(64)), Option.none())
      const [again] = yield* on.a.queue.claim(claimOf(on))
      deepStrictEqual([again?.id, again?.epoch, again?.attempts.map(({ number }) => number)], [task.id, 2, [1]])
    }))
}
