import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Identity, Task, type TaskQueue } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  claimed,
  claimOf,
  doneTask,
  enqueue,
  enqueueAll,
  freshDaemon,
  freshRuntime,
  idsOf,
  look,
  persons,
  scene,
  together
} from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

const { ada, bob, cyd } = persons

/** Claims one after the other until nothing is left; returns the prompts in order. */
const drain = Effect.fnUntraced(function*(
  { claim }: TaskQueue.TaskQueue["Service"],
  input: TaskQueue.ClaimTasks
) {
  const prompts: Array<string> = []
  for (let taken = yield* claim(input); taken.length > 0; taken = yield* claim(input)) {
    prompts.push(...taken.map(({ prompt }) => prompt))
  }
  return prompts
})

/** What each claim returns, and in which order: T-01. */
export const claiming = (backend: TaskBackend): void => {
  it.effect("T-01 a claim dispatches the task with epoch 1 to its daemon, and no other claim finds it", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      const task = yield* enqueue(on.a, on, { key: "folder", model: "gpt-x", folder: "/home/ada/größe" })
      yield* TestClock.adjust(5_000)
      const taken = yield* on.b.queue.claim(claimOf(on, { max: Task.maxClaim, tokenHashes: ["a".repeat(64)] }))
      deepStrictEqual(taken, [Task.claim(task, { ...on, fenced: true, tokenHash: "a".repeat(64) }, 5_000)])
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on, { max: 32 })), [])
      deepStrictEqual(yield* on.b.queue.claim(claimOf({ ...on, daemonId: yield* freshDaemon })), [])
      deepStrictEqual(yield* look(on.a, task), taken[0])
    }))

  it.effect("T-01 the highest priority is first, then the oldest, also within one millisecond and across runtimes", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const runtimeIds = [on.runtimeId, yield* freshRuntime]
      const made: Array<Task.Task> = []
      for (const priority of [0, 5, -10, 0, 10, 5, 0]) {
        const runtimeId = runtimeIds[made.length % 2]!
        made.push(yield* enqueue(made.length % 3 === 0 ? on.a : on.b, { ...on, runtimeId }, { priority }))
        if (made.length % 3 === 0) yield* TestClock.adjust(1)
      }
      const expected = made.toSorted((x, y) =>
        y.priority - x.priority || x.createdAt - y.createdAt || (x.id < y.id ? -1 : 1)
      )
      const taken = yield* Effect.forEach(
        [3, 1, 3],
        (max, index) => alternate(on, 3)[index]!.queue.claim(claimOf(on, { runtimeIds, max }))
      )
      deepStrictEqual(idsOf(taken.flat()), idsOf(expected))
    }))

  for (const max of [1, 3]) {
    it.effect(`T-01 within one priority the persons take turns, ${max} per claim`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const each = [ada, ada, ada, ada, bob, bob, cyd]
        const counts = new Map<Identity.UserId, number>()
        for (const by of each) {
          counts.set(by, (counts.get(by) ?? 0) + 1)
          yield* enqueue(on.a, on, { by, prompt: `${by[0]}${counts.get(by)}` })
          yield* TestClock.adjust(1)
        }
        deepStrictEqual(yield* drain(on.b.queue, claimOf(on, { max })), ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
        // Who was served long ago is before who was served just now.
        yield* enqueueAll(on.a, on, [{ by: ada, prompt: "a5" }])
        yield* TestClock.adjust(1)
        yield* enqueueAll(on.a, on, [{ by: bob, prompt: "b3" }, { by: cyd, prompt: "c2" }])
        deepStrictEqual(yield* drain(on.b.queue, claimOf(on, { max })), ["c2", "b3", "a5"])
      }))
  }

  it.effect("T-01 a redelivery is before every new task and counts for the maximum", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const lost = [yield* claimed(on.a, on), yield* claimed(on.a, on)]
      yield* TestClock.adjust(Task.times.redeliverAfter + 1)
      const fresh = yield* enqueue(on.a, on, { priority: 10 })
      const taken = yield* on.b.queue.claim(claimOf(on, { max: 2 }))
      deepStrictEqual(idsOf(taken).toSorted(), idsOf(lost).toSorted())
      deepStrictEqual(idsOf(yield* on.b.queue.claim(claimOf(on, { max: 2 }))), [fresh.id])
    }))

  it.effect("T-01 a task of another runtime, or whose retry waits, is not claimed", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      yield* enqueue(on.a, { ...on, runtimeId: yield* freshRuntime })
      const task = yield* claimed(on.a, on)
      const died: Task.Outcome = { _tag: "Failed", reason: "provider_network", error: "no route", result: null }
      const queued = doneTask(yield* on.b.queue.settle(task, died, {}))
      deepStrictEqual(queued.state, { _tag: "Queued", queuedAt: 0, notBefore: 5_000 })
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      yield* TestClock.adjust(4_999)
      deepStrictEqual(yield* on.a.queue.claim(claimOf(on)), [])
      yield* TestClock.adjust(1)
      strictEqual(yield* on.b.queue.claimable([on.runtimeId]), true)
      const [again] = yield* on.a.queue.claim(claimOf(on))
      deepStrictEqual([again?.id, again?.epoch, again?.attempts.length], [task.id, 2, 2])
    }))

  it.effect("T-01 the look is true while a claim would find something, and false where no task is", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const runtimes = [yield* freshRuntime, on.runtimeId]
      strictEqual(yield* on.a.queue.claimable(runtimes), false)
      strictEqual(yield* on.a.queue.claimable([]), false)
      yield* enqueue(on.b, on)
      strictEqual(yield* on.a.queue.claimable(runtimes), true)
      strictEqual(yield* on.a.queue.claimable([yield* freshRuntime]), false)
      yield* on.b.queue.claim(claimOf(on))
      strictEqual(yield* on.a.queue.claimable(runtimes), false)
      yield* TestClock.adjust(Task.times.redeliverAfter + 1)
      strictEqual(yield* on.a.queue.claimable(runtimes), true)
    }))

  it.effect("T-01 a daemon has no more tasks than its slots, those of other runtimes and canceled ones included", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const other = { ...on, runtimeId: yield* freshRuntime }
      const [first] = [yield* claimed(on.a, other), yield* claimed(on.a, other)]
      yield* on.a.queue.cancel(on.workspaceId, first!.id, ada)
      const made = yield* enqueueAll(on.a, on, [{}, {}, {}])
      strictEqual((yield* on.b.queue.claim(claimOf(on, { max: 3, slots: 2 }))).length, 0)
      strictEqual((yield* on.b.queue.claim(claimOf(on, { max: 3, slots: 1 }))).length, 0)
      strictEqual((yield* on.b.queue.claim(claimOf(on, { max: 3, slots: 4 }))).length, 2)
      strictEqual((yield* on.b.queue.claim(claimOf(on, { max: 3, slots: 4 }))).length, 0)
      yield* on.a.queue.release(first!)
      strictEqual((yield* on.b.queue.claim(claimOf(on, { max: 3, slots: 4 }))).length, 1)
      for (const { id } of made) strictEqual((yield* look(on.a, { id }))?.daemonId, on.daemonId)
    }))

  for (const claimers of [8, 64]) {
    it.effect(`T-01 ${claimers} concurrent claimers of as many daemons on two nodes claim each of 40 tasks once`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const each = Array.from({ length: 40 }, (_, i) => ({ by: [ada, bob, cyd][i % 3]!, priority: i % 2 }))
        const made = idsOf(yield* enqueueAll(on.a, on, each))
        const claims = yield* Effect.forEach(
          alternate(on, claimers),
          (node) => Effect.map(freshDaemon, (daemonId) => ({ node, claim: claimOf({ ...on, daemonId }, { max: 3 }) }))
        )
        const taken: Array<Task.Task> = []
        // One claim of each may meet a task that another one is about to take: what is left is claimed after.
        for (let round = 0; taken.length < made.length && round < made.length; round++) {
          const answers = yield* together(claims.map(({ claim, node }) => node.queue.claim(claim)))
          for (const answer of answers) assertTrue(answer.length <= 3)
          taken.push(...answers.flat())
        }
        deepStrictEqual(idsOf(taken).toSorted(), made.toSorted())
        for (const task of taken) deepStrictEqual(yield* look(on.b, task), task)
        deepStrictEqual(new Set(taken.map(({ epoch }) => epoch)), new Set([1]))
      }))

    it.effect(`T-01 ${claimers} concurrent claims of one daemon on two nodes take no more than its slots`, () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const runtimeIds = [on.runtimeId, yield* freshRuntime]
        for (const runtimeId of runtimeIds) {
          yield* enqueueAll(on.a, { ...on, runtimeId }, Array.from({ length: 8 }, () => ({})))
        }
        const claims = alternate(on, claimers).map((node, i) =>
          node.queue.claim(claimOf(on, { runtimeIds: [runtimeIds[i % 2]!], max: 2, slots: 3 }))
        )
        strictEqual((yield* together(claims)).flat().length, 3)
        strictEqual((yield* on.a.queue.active({ runtimeIds, keys: [] }, 200)).length, 3)
      }))
  }
}
