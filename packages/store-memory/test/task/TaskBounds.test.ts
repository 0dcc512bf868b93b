import { describe, it } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { Identity, Runtime, Task, TaskQueue } from "@muster/domain"
import { TaskQueueMemory, TaskState } from "@muster/store-memory"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

const idOf = (n: number) => `00000000-0000-4000-8000-${n.toString().padStart(12, "0")}`
const daemonId = Identity.DaemonId.make("box")

const taskOf = (n: number): Task.NewTask => ({
  id: Task.TaskId.make(idOf(n)),
  workspaceId: Identity.WorkspaceId.make(idOf(n % 2)),
  runtimeId: Runtime.RuntimeId.make(idOf(n % 5)),
  by: Identity.UserId.make(idOf(n % 3)),
  prompt: "fix it",
  folder: null,
  model: null,
  policy: "all",
  priority: n % 4,
  key: n % 3 === 0 ? null : `key ${n % 7}`,
  retryOf: null
})

describe("bounds of the tasks that memory holds", () => {
  it.effect("nothing is left of tasks that ended and were removed, in any index", () => {
    const state = new TaskState()
    return Effect.gen(function*() {
      const queue = yield* TaskQueue.TaskQueue
      for (let n = 0; n < 200; n++) {
        yield* queue.enqueue({ task: taskOf(n), idempotency: { key: `${n}`, fingerprint: "one" } })
        const claim = { daemonId, fenced: true, max: 1, slots: null, tokenHashes: [`hash ${n}`] }
        const [task] = yield* queue.claim({ ...claim, runtimeIds: [taskOf(n).runtimeId] })
        if (task === undefined) continue
        if (n % 2 === 0) yield* queue.start(task)
        if (n % 3 === 0) yield* queue.release(task)
        if (n % 5 === 0) yield* queue.cancel(task.workspaceId, task.id, task.by)
        yield* TestClock.adjust(60_000)
      }
      for (let day = 0; day < 5; day++) {
        yield* TestClock.adjust(Task.times.queued + 30_001)
        yield* queue.sweep(1_000)
      }
      strictEqual((yield* queue.expire(Number.MAX_SAFE_INTEGER, 1_000)).tasks, 200)
      strictEqual(state.size, 0)
    }).pipe(Effect.provide(TaskQueueMemory.layerOn(state)))
  })
})
