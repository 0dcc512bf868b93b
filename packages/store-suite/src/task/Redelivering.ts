import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { alternate, claimed, claimOf, freshDaemon, idsOf, look, scene, together } from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const after = Task.times.redeliverAfter

/** The reply to a claim is lost: T-02. */
export const redelivering = (backend: TaskBackend): void => {
  it.effect("T-02 the same daemon gets the task again with the same epoch after 90 s, at most 3 deliveries", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const claim = claimOf(on, { max: 4, slots: 1 })
      const first = yield* claimed(on.a, on)
      yield* TestClock.adjust(after)
      deepStrictEqual(yield* on.b.queue.claim(claim), [])
      for (const deliveries of [2, 3]) {
        yield* TestClock.adjust(1)
        // The slots are full: the task has one of them already.
        const [again, ...more] = yield* on.b.queue.claim(claim)
        deepStrictEqual([again?.id, again?.epoch, again?.attempts.length, more], [first.id, 1, 1, []])
        strictEqual(again?.state._tag === "Dispatched" && again.state.deliveries, deliveries)
        deepStrictEqual(yield* on.a.queue.claim(claim), [])
        yield* TestClock.adjust(after)
      }
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* on.a.queue.claim(claim), [])
    }))

  it.effect("T-02 no other daemon gets it until the claim has lapsed", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const { id } = yield* claimed(on.a, on)
      const other = claimOf({ ...on, daemonId: yield* freshDaemon }, { max: 32 })
      for (let waited = 0; waited < Task.times.unstarted; waited += 50_000) {
        deepStrictEqual(yield* on.b.queue.claim(other), [])
        yield* TestClock.adjust(50_000)
      }
      deepStrictEqual(yield* on.b.queue.claim(other), [])
      yield* TestClock.adjust(1)
      const [task] = yield* on.b.queue.claim(other)
      deepStrictEqual([task?.id, task?.epoch, task?.daemonId], [id, 2, other.daemonId])
      deepStrictEqual(task?.attempts.map(({ reason }) => reason), ["dispatch_timeout", null])
    }))

  it.effect("T-02 a task that is prepared, started or canceled is not delivered again", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const prepared = yield* claimed(on.a, on)
      const running = yield* claimed(on.a, on)
      const canceled = yield* claimed(on.a, on)
      yield* on.a.queue.start(running)
      yield* on.a.queue.cancel(on.workspaceId, canceled.id, canceled.by)
      yield* TestClock.adjust(after - 40_000)
      yield* on.b.queue.renew(prepared)
      yield* TestClock.adjust(40_001)
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 4 })), [])
      // Its lease is over: the daemon may have died while it prepared.
      yield* TestClock.adjust(Task.times.lease)
      deepStrictEqual(idsOf(yield* on.a.queue.claim(claimOf(on, { max: 4 }))), [prepared.id])
    }))

  it.effect("T-02 a redelivery issues a new token, and the one before ends", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const [one, two] = ["1".repeat(64), "2".repeat(64)]
      const { id } = yield* claimed(on.a, on, { claim: { tokenHashes: [one] } })
      deepStrictEqual(Option.map(yield* on.b.queue.byToken(one), (task) => task.id), Option.some(id))
      yield* TestClock.adjust(after + 1)
      yield* on.b.queue.claim(claimOf(on, { tokenHashes: [two] }))
      deepStrictEqual(yield* on.a.queue.byToken(one), Option.none())
      deepStrictEqual(Option.map(yield* on.a.queue.byToken(two), (task) => task.id), Option.some(id))
    }))

  it.effect("T-02 of 8 concurrent claims after 90 s one gets it again", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* claimed(on.a, on)
      yield* TestClock.adjust(after + 1)
      const taken = (yield* together(alternate(on, 8).map((node) => node.queue.claim(claimOf(on))))).flat()
      deepStrictEqual(idsOf(taken), [task.id])
      deepStrictEqual(yield* look(on.b, task), Task.redeliver(task, null, after + 1))
    }))
}
