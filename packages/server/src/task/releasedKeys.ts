import { Task, TaskQueue, Wake } from "@muster/domain"
import { Effect } from "effect"

/** How many queued tasks of a workspace are searched for those that wait for a key. */
const searched = 200

/**
 * Returns what publishes to the runtimes whose queued tasks wait for the keys of tasks that have ended: they may be of other
 * daemons than the tasks'. A failure costs nothing but time: they ask again by themselves.
 */
export const makeReleasedKeys = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const wake = yield* Wake.Wake
  const releasedIn = (ended: ReadonlyArray<Task.Task>) => {
    const keys = new Set(ended.map(({ key }) => key))
    return Effect.flatMap(queue.list(ended[0]!.workspaceId, { statuses: ["queued"] }, null, searched), (queued) => {
      const waiting = queued.filter(({ key }) => key !== null && keys.has(key))
      const ids = new Set([...ended, ...waiting].map(({ runtimeId }) => runtimeId))
      return Effect.forEach(ids, (id) => wake.publish(Wake.topic.tasks(id)), { discard: true })
    })
  }
  return (tasks: ReadonlyArray<Task.Task>) => {
    const ended = tasks.filter((task) => task.key !== null && !Task.isActive(task))
    return Effect.forEach(
      Map.groupBy(ended, ({ workspaceId }) => workspaceId).values(),
      (some) => Effect.ignore(releasedIn(some)),
      { discard: true }
    )
  }
})
