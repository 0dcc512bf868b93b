import { assert, describe, it } from "@effect/vitest"
import { Identity, type Runtime, Task, TaskQueue, Uuid, Wake } from "@muster/domain"
import { TaskQueueMemory, TaskState, WakeMemory } from "@muster/store-memory"
import { freshRuntime, freshWorkspace, newTask } from "@muster/store-suite"
import { ConfigProvider, Effect, Layer, Queue } from "effect"
import { TestClock } from "effect/testing"
import { layerTaskUpkeep } from "../../src/task/TaskUpkeep.ts"

describe("the upkeep of tasks", () => {
  it.effect("one removal removes all tasks that ended long ago, in several calls, and no other", () => {
    const state = new TaskState()
    return Effect.gen(function*() {
      const queue = yield* TaskQueue.TaskQueue
      const workspaceId = yield* freshWorkspace
      const runtimeId = yield* freshRuntime
      const by = Identity.UserId.make(yield* Uuid.random)
      const end = (count: number) =>
        Effect.forEach(
          Array.from({ length: count }),
          Effect.fnUntraced(function*() {
            const task = yield* newTask({ runtimeId, workspaceId })
            yield* queue.enqueue({ task, idempotency: null })
            yield* queue.cancel(workspaceId, task.id, by)
          }),
          { discard: true }
        )
      yield* end(2_500)
      yield* TestClock.adjust("24 hours")
      yield* end(3)
      yield* Layer.build(layerTaskUpkeep)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* queue.list(workspaceId, {}, null, 200)).length, 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* queue.list(workspaceId, {}, null, 200)).length, 3)
    }).pipe(
      Effect.provide([
        TaskQueueMemory.layerOn(state),
        WakeMemory.layer,
        ConfigProvider.layer(ConfigProvider.fromEnv({ env: { MUSTER_TASK_DAYS: "1" } }))
      ])
    )
  })

  it.effect("T-09 a key that a passed limit frees wakes the runtimes whose tasks wait for it", () =>
    Effect.gen(function*() {
      const queue = yield* TaskQueue.TaskQueue
      const workspaceId = yield* freshWorkspace
      const [lost, waiting, other] = yield* Effect.replicateEffect(freshRuntime, 3)
      const add = (runtimeId: Runtime.RuntimeId, key: string) =>
        Effect.flatMap(
          newTask({ runtimeId, workspaceId }, { key }),
          (task) => queue.enqueue({ task, idempotency: null })
        )
      yield* add(lost!, "a folder")
      const claim = { daemonId: Identity.DaemonId.make("box"), fenced: true, max: 1, slots: 1, tokenHashes: [] }
      yield* queue.claim({ ...claim, runtimeIds: [lost!] })
      yield* add(waiting!, "a folder")
      yield* add(other!, "another folder")
      const wakes = yield* Effect.flatMap(
        Wake.Wake,
        ({ subscribe }) => subscribe([waiting!, other!].map(Wake.topic.tasks))
      )
      yield* Layer.build(layerTaskUpkeep)
      yield* TestClock.adjust(Task.times.unstarted - 1)
      assert.strictEqual(yield* Queue.size(wakes), 0)
      yield* TestClock.adjust("16 seconds")
      assert.deepStrictEqual(yield* Queue.takeAll(wakes), [Wake.topic.tasks(waiting!)])
    }).pipe(Effect.provide([TaskQueueMemory.layerOn(new TaskState()), WakeMemory.layer])))
})
