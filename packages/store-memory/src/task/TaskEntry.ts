import { Task, type TaskEvent } from "@muster/domain"

/** The events of a task, and what the next append must begin with. */
export interface EventLog {
  readonly events: Array<TaskEvent.TaskEvent>
  /** The sum of the events' sizes. */
  bytes: number
  /** The claim whose events come now, and the sequence number of its next one. */
  epoch: number
  next: number
}

/** A record in the store, with the times (epoch ms) that order the store's work. */
export interface TaskEntry {
  /** Frozen: readers cannot change a returned record. */
  task: Task.Task
  /** The last moment within its limit; Infinity once it is terminal. */
  deadline: number
  /** The last moment before redelivery; Infinity: it is not redelivered. */
  due: number
  /** When it ended; Infinity: it has not. */
  endedAt: number
  readonly fingerprint: string | null
  /** The name of its idempotency key over all workspaces; null: it has none. */
  readonly once: string | null
  readonly log: EventLog
}

const dueOf = ({ state }: Task.Task): number =>
  state._tag === "Dispatched" && state.deliveries < Task.maxDeliveries
    ? Math.max(state.deliveredAt + Task.times.redeliverAfter, state.leaseUntil ?? 0)
    : Infinity

/** Replaces the entry's record by a new version. */
export const rewrite = (entry: TaskEntry, task: Task.Task): void => {
  Object.freeze(task.state)
  entry.task = Object.freeze(task)
  entry.deadline = Task.deadlineOf(task) ?? Infinity
  entry.due = dueOf(task)
  entry.endedAt = "endedAt" in task.state ? task.state.endedAt : Infinity
}

export const makeEntry = (task: Task.Task, idempotency: Pick<TaskEntry, "fingerprint" | "once">): TaskEntry => {
  const entry: TaskEntry = {
    task,
    deadline: Infinity,
    due: Infinity,
    endedAt: Infinity,
    ...idempotency,
    log: { events: [], bytes: 0, epoch: 0, next: 1 }
  }
  rewrite(entry, task)
  return entry
}

/** What places a task in time: the id decides within one millisecond. */
export type Age = Pick<Task.Task, "createdAt" | "id">

export const isOlder = (a: Age, b: Age): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id)

export const byAge = (a: Age, b: Age): number => isOlder(a, b) ? -1 : isOlder(b, a) ? 1 : 0
