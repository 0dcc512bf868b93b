import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task, TaskEvent } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { everyBody, text, textsFrom } from "./Events.ts"
import {
  claimed,
  claimOf,
  completed,
  failedAs,
  freshDaemon,
  persons,
  scene,
  started,
  stopped,
  together
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const all = 1_000

/** What an append stores and answers: T-30. */
export const appending = (backend: TaskBackend): void => {
  it.effect("T-30 events of every kind are stored as they were sent, numbered from 1", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      deepStrictEqual(yield* on.b.log.read(task.id, 0, all), { events: [], last: 0, first: 1 })
      const sent = everyBody.map((body, i): TaskEvent.Sent => ({ seq: i + 1, at: 1_000 - i, body }))
      deepStrictEqual(yield* on.a.log.append(task, sent), { _tag: "Appended", next: sent.length + 1 })
      deepStrictEqual(yield* on.b.log.read(task.id, 0, all), {
        events: sent.map(({ at, body, seq }) => ({ offset: seq, epoch: 1, at, body })),
        last: sent.length,
        first: 1
      })
    }))

  it.effect("T-30 a repeated batch is ignored, an overlapping one stores what is new, an empty one asks", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      deepStrictEqual(yield* on.a.log.append(task, []), { _tag: "Appended", next: 1 })
      deepStrictEqual(yield* on.a.log.append(task, textsFrom(1, 3)), { _tag: "Appended", next: 4 })
      deepStrictEqual(yield* on.b.log.append(task, textsFrom(1, 3)), { _tag: "Appended", next: 4 })
      deepStrictEqual(yield* on.b.log.append(task, textsFrom(1, 1)), { _tag: "Appended", next: 4 })
      deepStrictEqual(yield* on.a.log.append(task, textsFrom(2, 4)), { _tag: "Appended", next: 6 })
      deepStrictEqual(yield* on.b.log.append(task, []), { _tag: "Appended", next: 6 })
      const { events } = yield* on.a.log.read(task.id, 0, all)
      deepStrictEqual(
        events.map(({ body, offset }) => [offset, body]),
        textsFrom(1, 5).map(({ body, seq }) => [seq, body])
      )
    }))

  it.effect("T-30 a batch with a hole before it is refused with the expected number, stores nothing, and is repaired", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      deepStrictEqual(yield* on.a.log.append(task, textsFrom(2, 1)), { _tag: "Gap", expected: 1 })
      yield* on.a.log.append(task, textsFrom(1, 3))
      deepStrictEqual(yield* on.b.log.append(task, textsFrom(5, 2)), { _tag: "Gap", expected: 4 })
      strictEqual((yield* on.b.log.read(task.id, 0, all)).last, 3)
      deepStrictEqual(yield* on.b.log.append(task, textsFrom(4, 3)), { _tag: "Appended", next: 7 })
      strictEqual((yield* on.a.log.read(task.id, 0, all)).last, 6)
    }))

  it.effect("T-30 after the end nothing is stored", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (const outcome of [completed, failedAs("agent_error"), stopped]) {
        const task = yield* started(on.a, on)
        yield* on.a.log.append(task, textsFrom(1, 2))
        if (outcome === stopped) yield* on.b.queue.cancel(on.workspaceId, task.id, persons.ada)
        // While it is being canceled, what the agent still does is logged.
        deepStrictEqual(yield* on.a.log.append(task, textsFrom(3, 1)), { _tag: "Appended", next: 4 })
        yield* on.b.queue.settle(task, outcome, {})
        deepStrictEqual(yield* on.a.log.append(task, textsFrom(4, 1)), { _tag: "Closed" })
        deepStrictEqual(yield* on.b.log.append(task, textsFrom(1, 1)), { _tag: "Closed" })
        strictEqual((yield* on.b.log.read(task.id, 0, all)).last, 3)
      }
    }))

  it.effect("T-30 a task that a limit has ended is closed although nothing swept it", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      yield* on.b.queue.cancel(on.workspaceId, task.id, persons.ada)
      yield* TestClock.adjust(Task.times.grace + 1)
      deepStrictEqual(yield* on.a.log.append(task, textsFrom(1, 1)), { _tag: "Closed" })
    }))

  it.effect("T-30 the next claim counts from 1 again, its offsets go on, and the claim before is superseded", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const first = yield* claimed(on.a, on)
      // A daemon that prepares the task says so before it starts.
      yield* on.a.log.append(first, textsFrom(1, 2))
      yield* on.a.queue.settle(first, failedAs("agent_died"), {})
      deepStrictEqual(yield* on.a.log.append(first, textsFrom(3, 1)), { _tag: "Superseded" })
      const [second] = yield* on.b.queue.claim(claimOf({ ...on, daemonId: yield* freshDaemon }))
      deepStrictEqual(yield* on.a.log.append(first, textsFrom(3, 1)), { _tag: "Superseded" })
      deepStrictEqual(yield* on.b.log.append(second!, textsFrom(3, 1)), { _tag: "Gap", expected: 1 })
      deepStrictEqual(yield* on.b.log.append(second!, textsFrom(1, 1)), { _tag: "Appended", next: 2 })
      const { events } = yield* on.a.log.read(first.id, 0, all)
      deepStrictEqual(events.map(({ epoch, offset }) => [offset, epoch]), [[1, 1], [2, 1], [3, 2]])
      yield* on.a.queue.release(second!)
      deepStrictEqual(yield* on.b.log.append(second!, textsFrom(2, 1)), { _tag: "Superseded" })
      const unknown = { id: yield* Task.randomTaskId, epoch: 1 }
      deepStrictEqual(yield* on.b.log.append(unknown, textsFrom(1, 1)), { _tag: "Absent" })
      deepStrictEqual(yield* on.b.log.appendUnnumbered(unknown, []), { _tag: "Absent" })
    }))

  it.effect("T-30 concurrent and overlapping sendings of the same events on two nodes store each once, in order", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const sent = textsFrom(1, 40)
      for (let from = 0; from < sent.length; from += 10) {
        const batch = sent.slice(Math.max(0, from - 5), from + 10)
        yield* together([on.a, on.b, on.a, on.b, on.a].map(({ log }, i) => log.append(task, batch.slice(i))))
      }
      const { events, last } = yield* on.b.log.read(task.id, 0, all)
      strictEqual(last, sent.length)
      deepStrictEqual(events.map(({ body, offset }) => [offset, body]), sent.map(({ body, seq }) => [seq, body]))
    }))

  it.effect("T-30 events without numbers are stored in the order of arrival, and for 30 s after the end", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on, { claim: { fenced: false } })
      for (const n of [1, 2]) {
        yield* on.a.log.appendUnnumbered(task, [text(n), text(n)].map((body) => ({ at: n, body })))
      }
      yield* on.a.queue.settle(task, completed, {})
      yield* TestClock.adjust(Task.times.lateEvents)
      strictEqual((yield* on.b.log.appendUnnumbered(task, [{ at: 3, body: text(3) }]))._tag, "Appended")
      yield* TestClock.adjust(1)
      strictEqual((yield* on.b.log.appendUnnumbered(task, [{ at: 4, body: text(4) }]))._tag, "Closed")
      const { events } = yield* on.a.log.read(task.id, 0, all)
      deepStrictEqual(
        events,
        [1, 1, 2, 2, 3].map((n, i) => ({ offset: i + 1, epoch: 1, at: n, body: text(n) }))
      )
      strictEqual((yield* on.a.log.appendUnnumbered({ ...task, epoch: 2 }, []))._tag, "Superseded")
    }))

  it.effect("T-30 the two ways to append share one order of offsets", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      yield* on.a.log.append(task, textsFrom(1, 1))
      yield* on.b.log.appendUnnumbered(task, [{ at: 0, body: text(7) }])
      deepStrictEqual(yield* on.a.log.append(task, textsFrom(2, 1)), { _tag: "Appended", next: 3 })
      const { events } = yield* on.b.log.read(task.id, 0, all)
      deepStrictEqual(events.map(({ body }) => body), [1, 7, 2].map(text))
    }))

  it.effect(
    "T-30 beyond 50 MiB only turns, notices and the like are stored; the others count as accepted",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const task = yield* started(on.a, on)
        const body: TaskEvent.Body = { kind: "text", text: "ü".repeat(8_000) }
        const kept = Math.floor(TaskEvent.maxLogBytes / TaskEvent.sizeOf(body))
        const perAppend = Math.floor(TaskEvent.maxAppendBytes / TaskEvent.sizeOf(body))
        let next = 1
        while (next <= kept + 1) {
          const batch = Array.from({ length: perAppend }, (_, i) => ({ seq: next + i, at: 0, body }))
          next += perAppend
          deepStrictEqual(yield* on.a.log.append(task, batch), { _tag: "Appended", next })
        }
        strictEqual((yield* on.b.log.read(task.id, kept, all)).last, kept)
        const ending: ReadonlyArray<TaskEvent.Body> = [
          { kind: "notice", text: "the log is full" },
          body,
          { kind: "turn", phase: "end", number: 1, stopReason: "end" },
          { kind: "tool", id: "c1", status: "completed" },
          { kind: "tool", id: "c2", status: "pending", input: "x".repeat(30_000) }
        ]
        const sent = ending.map((one, i) => ({ seq: next + i, at: 0, body: one }))
        deepStrictEqual(yield* on.b.log.append(task, sent), { _tag: "Appended", next: next + sent.length })
        const { events } = yield* on.a.log.read(task.id, kept, all)
        deepStrictEqual(events.map(({ body, offset }) => [offset, body]), [
          [kept + 1, ending[0]],
          [kept + 2, ending[2]],
          [kept + 3, ending[3]]
        ])
      }),
    300_000
  )

  it.effect("T-30 beyond 200,000 events only turns, notices and the like are stored", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const { maxAppendEvents, maxLogEvents } = TaskEvent
      for (let first = 1; first <= maxLogEvents; first += maxAppendEvents) {
        yield* on.a.log.append(task, textsFrom(first, maxAppendEvents))
      }
      yield* on.b.log.append(task, textsFrom(maxLogEvents + 1, 2))
      const error: TaskEvent.Body = { kind: "error", text: "no disk" }
      yield* on.b.log.append(task, [{ seq: maxLogEvents + 3, at: 0, body: error }])
      deepStrictEqual(yield* on.a.log.read(task.id, maxLogEvents, all), {
        events: [{ offset: maxLogEvents + 1, epoch: 1, at: 0, body: error }],
        last: maxLogEvents + 1,
        first: 1
      })
    }), 300_000)
}
