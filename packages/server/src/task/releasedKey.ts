import { Task, TaskQueue, Wake } from "@muster/domain"
import { Effect } from "effect"

/** How many queued tasks are searched for those that wait for a key. */
const searched = 200

/**
 * Returns what publishes to the runtimes whose queued tasks wait for the key of a task that has ended: they may be of other
 * daemons than the task's. A failure costs nothing but time: they ask again by themselves.
 */
export const makeReleasedKey = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const wake = yield* Wake.Wake
  return (task: Task.Task) => {
    const { key, runtimeId, workspaceId } = task
    if (key === null || Task.isActive(task)) return Effect.void
    return queue.list(workspaceId, { statuses: ["queued"] }, null, searched).pipe(
      Effect.map((queued) =>
        new Set([runtimeId, ...queued.filter((one) => one.key === key).map((one) => one.runtimeId)])
      ),
      Effect.flatMap((ids) => Effect.forEach(ids, (id) => wake.publish(Wake.topic.tasks(id)), { discard: true })),
      Effect.ignore
    )
  }
})
