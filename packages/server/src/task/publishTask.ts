import { type Task, Wake } from "@muster/domain"
import { Effect } from "effect"
import { makeReleasedKeys } from "./releasedKeys.ts"

/** Who looks at a task: its followers, and the pages of its workspace. */
const readersOf = ({ id, workspaceId }: Pick<Task.Task, "id" | "workspaceId">): ReadonlyArray<Wake.Topic> => [
  Wake.topic.task(id),
  Wake.topic.workspace(workspaceId)
]

/** Returns what publishes that a task changed to those who look at it. */
export const makePublishTask = Effect.map(
  Wake.Wake,
  (wake) => (task: Pick<Task.Task, "id" | "workspaceId">) =>
    Effect.forEach(readersOf(task), wake.publish, { discard: true })
)

/** Whether the change may concern a daemon: not that of a task which ended while no daemon had it. */
const concernsDaemon = ({ attempts, state }: Pick<Task.Task, "attempts" | "state">): boolean =>
  !("endedAt" in state) || attempts.at(-1)?.endedAt === state.endedAt

/**
 * The same for tasks that changed together, and to the daemons that may have something to do: each topic once, and those of a freed
 * key once more after the readers. A daemon then asks for tasks and orders, which costs it a call.
 */
export const makePublishToDaemons = Effect.gen(function*() {
  const wake = yield* Wake.Wake
  const releasedKeys = yield* makeReleasedKeys
  return (tasks: ReadonlyArray<Task.Task>) => {
    const topics = tasks.flatMap((task) => [
      ...(concernsDaemon(task) ? [Wake.topic.tasks(task.runtimeId)] : []),
      ...readersOf(task)
    ])
    return Effect.andThen(Effect.forEach(new Set(topics), wake.publish, { discard: true }), releasedKeys(tasks))
  }
})
