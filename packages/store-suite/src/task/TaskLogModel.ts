import { Task, type TaskEvent, type TaskLog, type TaskQueue } from "@muster/domain"
import { find, type LogModel, type Step, type TaskModel } from "./TaskModel.ts"

const refused = (
  task: Task.Task | undefined,
  epoch: number,
  now: number,
  late: number
): TaskLog.Appended | undefined => {
  if (task === undefined) return { _tag: "Absent" }
  if (Task.isSuperseded(task, epoch)) return { _tag: "Superseded" }
  return "endedAt" in task.state && now > task.state.endedAt + late ? { _tag: "Closed" } : undefined
}

const logOf = ({ logs }: TaskModel, { epoch, id }: TaskQueue.Held): LogModel => {
  const log = logs.find((one) => one.id === id)
  return log?.epoch === epoch ? log : { id, events: log?.events ?? [], epoch, next: 1 }
}

const replaced = (model: TaskModel, log: LogModel): TaskModel => ({
  ...model,
  logs: [...model.logs.filter(({ id }) => id !== log.id), log]
})

const added = (
  { epoch, events }: LogModel,
  more: ReadonlyArray<Pick<TaskEvent.Sent, "at" | "body">>
): ReadonlyArray<TaskEvent.TaskEvent> => [
  ...events,
  ...more.map(({ at, body }, index) => ({ offset: events.length + index + 1, epoch, at, body }))
]

/** Without the bounds of a log, which a sequence does not reach. */
export const append = (
  before: TaskModel,
  held: TaskQueue.Held,
  events: ReadonlyArray<TaskEvent.Sent>,
  now: number
): Step<TaskLog.Appended> => {
  const { answer: task, model } = find(before, held.id, now)
  const answer = task !== undefined && Task.isTerminal(task) && !Task.isSuperseded(task, held.epoch)
    ? { _tag: "Closed" as const }
    : refused(task, held.epoch, now, 0)
  if (answer !== undefined) return { model, answer }
  const log = logOf(model, held)
  const fresh = events.filter(({ seq }) => seq >= log.next)
  if (fresh[0] !== undefined && fresh[0].seq > log.next) return { model, answer: { _tag: "Gap", expected: log.next } }
  const next = log.next + fresh.length
  return { model: replaced(model, { ...log, events: added(log, fresh), next }), answer: { _tag: "Appended", next } }
}

export const appendUnnumbered = (
  before: TaskModel,
  held: TaskQueue.Held,
  events: ReadonlyArray<Pick<TaskEvent.Sent, "at" | "body">>,
  now: number
): Step<TaskLog.Appended> => {
  const { answer: task, model } = find(before, held.id, now)
  const answer = refused(task, held.epoch, now, Task.times.lateEvents)
  if (answer !== undefined) return { model, answer }
  const log = logOf(model, held)
  return {
    model: replaced(model, { ...log, events: added(log, events) }),
    answer: { _tag: "Appended", next: log.next }
  }
}

export const read = (before: TaskModel, id: Task.TaskId, after: number, max: number): TaskLog.Slice => {
  const events = before.logs.find((log) => log.id === id)?.events ?? []
  return { events: events.slice(after, after + max), last: events.length, first: 1 }
}
