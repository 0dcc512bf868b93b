import { type Task, Wake } from "@muster/domain"
import { Effect } from "effect"

/** Returns what publishes that a task changed to those who look at it: its followers, and the pages of its workspace. */
export const makePublishTask = Effect.map(
  Wake.Wake,
  (wake) => ({ id, workspaceId }: Pick<Task.Task, "id" | "workspaceId">) =>
    Effect.forEach([Wake.topic.task(id), Wake.topic.workspace(workspaceId)], wake.publish, { discard: true })
)

/** The same, and to its daemon, which then asks for tasks and orders. */
export const makePublishToDaemon = Effect.gen(function*() {
  const wake = yield* Wake.Wake
  const publish = yield* makePublishTask
  return (task: Pick<Task.Task, "id" | "runtimeId" | "workspaceId">) =>
    Effect.andThen(wake.publish(Wake.topic.tasks(task.runtimeId)), publish(task))
})
