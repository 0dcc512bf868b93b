import { Identity, Runtime, Task, type TaskQueue } from "@muster/domain"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"

type Queue = TaskQueue.TaskQueue["Service"]

/** One machine with one runtime. */
export interface Lane {
  readonly daemonId: Identity.DaemonId
  readonly runtimeId: Runtime.RuntimeId
}

const workspaceId = Identity.WorkspaceId.make(randomUUID())
const by = Identity.UserId.make(randomUUID())

export const newLane = (): Lane => ({
  daemonId: Identity.DaemonId.make(randomUUID()),
  runtimeId: Runtime.RuntimeId.make(randomUUID())
})

/** Queues a task on a lane. */
export const enqueue = (queue: Queue, { runtimeId }: Lane) =>
  Effect.flatMap(Task.randomTaskId, (id) =>
    queue.enqueue({
      task: {
        id,
        workspaceId,
        runtimeId,
        by,
        prompt: "fix the failing test",
        folder: null,
        model: null,
        policy: "all",
        priority: 0,
        key: null,
        retryOf: null
      },
      idempotency: null
    }))

/** Claims the next task of a lane. */
export const claim = (queue: Queue, { daemonId, runtimeId }: Lane) =>
  queue.claim({ daemonId, fenced: true, runtimeIds: [runtimeId], max: 1, slots: 32, tokenHashes: [] })
