import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Task, TaskEvent } from "@muster/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { textsFrom } from "./Events.ts"
import { alternate, completed, scene, started, together } from "./Fixture.ts"
import type { TaskBackend, TaskNode } from "./TaskBackend.ts"

/** Reads from `after` on, slice by slice, up to the offset `until`. */
const follow = Effect.fnUntraced(
  function*({ log }: TaskNode, id: Task.TaskId, after: number, until: number, max: number) {
    const offsets: Array<number> = []
    for (let last = after; last < until;) {
      const { events } = yield* log.read(id, last, max)
      offsets.push(...events.map(({ offset }) => offset))
      last = offsets.at(-1) ?? after
      // A turn for the others, if there is nothing new yet.
      if (events.length === 0) yield* Effect.yieldNow
    }
    return offsets
  }
)

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** What a reader gets: the store part of T-29. */
export const following = (backend: TaskBackend): void => {
  it.effect("T-29 from any offset on a reader gets every event once and in order, whatever the size of its slices", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      yield* on.a.log.append(task, textsFrom(1, 25))
      for (const [after, max] of [[0, 1], [0, 7], [13, 4], [24, 1_000]] as const) {
        deepStrictEqual(yield* follow(on.b, task.id, after, 25, max), from(after + 1, 25))
      }
      for (const after of [25, 26, 1_000_000]) {
        deepStrictEqual(yield* on.b.log.read(task.id, after, 10), { events: [], last: 25, first: 1 })
      }
    }))

  it.effect("T-29 a slice has about 1 MiB at most, and at least one event", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const body: TaskEvent.Body = { kind: "text", text: "x".repeat(TaskEvent.maxEventText) }
      for (const first of from(0, 9)) {
        yield* on.a.log.append(task, Array.from({ length: 15 }, (_, i) => ({ seq: first * 15 + i + 1, at: 0, body })))
      }
      const { events, last } = yield* on.b.log.read(task.id, 0, 1_000)
      strictEqual(last, 150)
      const bytes = events.length * TaskEvent.sizeOf(body)
      assertTrue(bytes >= 512 * 1024 && bytes <= 1_280 * 1024, `a slice has ${bytes} bytes`)
      deepStrictEqual(yield* follow(on.b, task.id, 0, 150, 1_000), from(1, 150))
    }))

  it.effect(
    "T-29 100 readers follow one writer on two nodes: each gets every event once, in order",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const task = yield* started(on.a, on)
        const readers = alternate(on, 100).map((node, i) => follow(node, task.id, 0, 60, 1 + (i % 20)))
        const reading = yield* Effect.forkChild(together(readers), { startImmediately: true })
        for (const first of [1, 16, 31, 46]) {
          yield* on.a.log.append(task, textsFrom(first, 15))
          yield* Effect.yieldNow
        }
        for (const offsets of yield* Fiber.join(reading)) deepStrictEqual(offsets, from(1, 60))
      }),
    120_000
  )

  it.effect("T-29 the log goes with its task", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const other = yield* started(on.a, on)
      for (const one of [task, other]) yield* on.a.log.append(one, textsFrom(1, 3))
      yield* on.a.queue.settle(task, completed, {})
      strictEqual((yield* on.b.log.read(task.id, 1, 10)).last, 3)
      yield* TestClock.adjust(1)
      strictEqual((yield* on.b.queue.expire(1, 10)).tasks, 1)
      deepStrictEqual(yield* on.a.log.read(task.id, 0, 10), { events: [], last: 0, first: 1 })
      strictEqual((yield* on.a.log.append(task, textsFrom(4, 1)))._tag, "Absent")
      strictEqual((yield* on.a.log.read(other.id, 0, 10)).events.length, 3)
    }))
}
