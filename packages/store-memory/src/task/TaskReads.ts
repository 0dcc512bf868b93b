import { type Identity, Task, type TaskQueue } from "@muster/domain"
import { byAge, type TaskEntry } from "./TaskEntry.ts"
import type { TaskState } from "./TaskState.ts"

/** The record with its limits applied, for readers: nothing is written, so that `sweep` reports the change. */
const seen = (entry: TaskEntry, now: number): Task.Task =>
  entry.deadline < now ? Task.elapse(entry.task, now) : entry.task

/** Which tasks a list shows, and which part of it. */
interface Page {
  readonly workspace: Identity.WorkspaceId
  readonly filter: TaskQueue.TaskFilter
  readonly before: TaskQueue.TaskCursor | null
  readonly max: number
}

export const listTasks = (state: TaskState, { before, filter, max, workspace }: Page, now: number) => {
  const { by, runtimeId, statuses } = filter
  const found: Array<Task.Task> = []
  for (const entry of state.timeline(workspace)?.before(before) ?? []) {
    if (found.length >= max) break
    const task = seen(entry, now)
    const isShown = (by === undefined || task.by === by) &&
      (runtimeId === undefined || task.runtimeId === runtimeId) &&
      (statuses === undefined || statuses.includes(Task.statusOf(task)))
    if (isShown) found.push(task)
  }
  return found
}

export const countTasks = (state: TaskState, runtimes: TaskQueue.ClaimTasks["runtimeIds"], now: number) => {
  const counts = new Map<typeof runtimes[number], TaskQueue.TaskCounts>()
  for (const id of runtimes) {
    const lane = state.laneAsIs(id)
    if (lane === undefined) continue
    const isLate = (lane.deadlines.first()?.deadline ?? Infinity) < now
    const tasks = isLate ? [...lane.queued, ...lane.active].map((entry) => seen(entry, now)) : undefined
    const queued = tasks?.filter(({ state }) => state._tag === "Queued").length ?? lane.queued.size
    const active = tasks?.filter(Task.isActive).length ?? lane.active.size
    if (queued + active > 0) counts.set(id, { queued, active })
  }
  return counts
}

export const activeTasks = (
  state: TaskState,
  { keys, runtimeIds }: Parameters<TaskQueue.TaskQueue["Service"]["active"]>[0],
  now: number
): ReadonlyArray<Task.Task> => {
  const entries = new Set(runtimeIds.flatMap((id) => [...state.laneAsIs(id)?.active ?? []]))
  for (const key of keys) {
    const holder = state.keys.holderOf(key)
    if (holder !== undefined) entries.add(holder)
  }
  return [...entries].map((entry) => seen(entry, now)).filter(Task.isActive).toSorted(byAge)
}
