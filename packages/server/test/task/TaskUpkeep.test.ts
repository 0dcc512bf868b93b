import { assert, describe, it } from "@effect/vitest"
import { Identity, Runtime, Task, TaskQueue, Uuid } from "@muster/domain"
import { TaskQueueMemory, TaskState, WakeMemory } from "@muster/store-memory"
import { ConfigProvider, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { layerTaskUpkeep } from "../../src/task/TaskUpkeep.ts"

const order = {
  prompt: "do it",
  folder: null,
  model: null,
  policy: "all",
  priority: 0,
  key: null,
  retryOf: null
} as const

describe("the upkeep of tasks", () => {
  it.effect("one removal removes all tasks that ended long ago, in several calls, and no other", () => {
    const state = new TaskState()
    return Effect.gen(function*() {
      const queue = yield* TaskQueue.TaskQueue
      const workspaceId = Identity.WorkspaceId.make(yield* Uuid.random)
      const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
      const by = Identity.UserId.make(yield* Uuid.random)
      const end = (count: number) =>
        Effect.forEach(
          Array.from({ length: count }),
          Effect.fnUntraced(function*() {
            const id = yield* Task.randomTaskId
            yield* queue.enqueue({ task: { ...order, id, workspaceId, runtimeId, by }, idempotency: null })
            yield* queue.cancel(workspaceId, id, by)
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
})
