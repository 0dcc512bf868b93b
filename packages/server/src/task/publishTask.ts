import { type Task, Wake } from "@muster/domain"
import { Effect } from "effect"

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

/** The same for tasks that changed together, and to their daemons, which then ask for tasks and orders: each topic once. */
export const makePublishToDaemons = Effect.map(
  Wake.Wake,
  (wake) => (tasks: ReadonlyArray<Pick<Task.Task, "id" | "runtimeId" | "workspaceId">>) =>
    Effect.forEach(
      new Set(tasks.flatMap((task) => [Wake.topic.tasks(task.runtimeId), ...readersOf(task)])),
      wake.publish,
      { discard: true }
    )
)
