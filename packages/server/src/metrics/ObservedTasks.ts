import type { Task, TaskQueue } from "@muster/domain"
import { eachOf } from "@muster/kit"
import { Clock, Effect, Option } from "effect"
import type { ServerMetrics } from "./ServerMetrics.ts"

/**
 * Counts the tasks that this replica creates, delivers and ends. An end counts where it happens: one by a limit that a
 * read applies, not by the sweep, is not counted.
 */
export const observeTasks = (
  real: TaskQueue.TaskQueue["Service"],
  { taskClaim, tasksCreated, tasksEnded }: ServerMetrics["Service"]
): TaskQueue.TaskQueue["Service"] => {
  const count = ({ state }: Task.Task) => {
    if (state._tag === "Completed") tasksEnded.completed()
    if (state._tag === "Cancelled") eachOf(tasksEnded.cancelled, state.confirmed ? "confirmed" : "unconfirmed")()
    if (state._tag === "Failed") eachOf(tasksEnded.failed, state.reason)()
  }

  /** Counts a task that the call ended: a terminal one that it found has ended before. */
  const countNew = <A, E>(call: Effect.Effect<A, E>, taskOf: (answer: A) => Task.Task | undefined) =>
    Effect.flatMap(Clock.currentTimeMillis, (began) =>
      Effect.tap(call, (answer) =>
        Effect.sync(() => {
          const task = taskOf(answer)
          if (task !== undefined && "endedAt" in task.state && task.state.endedAt >= began) count(task)
        })))

  const countAll = <E>(call: Effect.Effect<ReadonlyArray<Task.Task>, E>) =>
    Effect.tap(call, (tasks) => Effect.sync(() => tasks.forEach(count)))

  return {
    ...real,
    enqueue: (input) => Effect.tap(real.enqueue(input), ({ created }) => Effect.sync(() => created && tasksCreated())),
    claim: (input) =>
      Effect.tap(real.claim(input), (tasks) =>
        Effect.sync(() => {
          for (const { createdAt, epoch, state } of tasks) {
            if (epoch !== 1 || state._tag !== "Dispatched" || state.deliveries !== 1) continue
            taskClaim(Math.max(0, state.claimedAt - createdAt) / 1_000)
          }
        })),
    settle: (held, outcome, note) =>
      countNew(real.settle(held, outcome, note), (found) => {
        const fenced = Option.getOrUndefined(found)
        return fenced?._tag === "Done" ? fenced.task : undefined
      }),
    cancel: (workspace, id, by) => countNew(real.cancel(workspace, id, by), Option.getOrUndefined),
    reconcile: (input) =>
      Effect.tap(real.reconcile(input), ({ orphaned }) => Effect.sync(() => orphaned.forEach(count))),
    runtimesDeleted: (ids, max) => countAll(real.runtimesDeleted(ids, max)),
    runtimesMerged: (merges, max) => countAll(real.runtimesMerged(merges, max)),
    sweep: (max) => countAll(real.sweep(max))
  }
}
