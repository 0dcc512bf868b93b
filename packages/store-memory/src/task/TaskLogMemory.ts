import { Task, TaskCheck, TaskEvent, TaskLog } from "@muster/domain"
import { Clock, Effect, Layer } from "effect"
import type { EventLog, TaskEntry } from "./TaskEntry.ts"
import type { TaskState } from "./TaskState.ts"

/** The maximum bytes of one slice, unless one event alone is larger. */
const maxSlice = 1024 * 1024

type Timed = Pick<TaskEvent.TaskEvent, "at" | "body">

const store = (log: EventLog, epoch: number, events: ReadonlyArray<Timed>): void => {
  for (const { at, body } of events) {
    if (!TaskEvent.isStored({ events: log.events.length, bytes: log.bytes }, body)) continue
    log.events.push(Object.freeze({ offset: log.events.length + 1, epoch, at, body }))
    log.bytes += TaskEvent.sizeOf(body)
  }
}

/** The log, whose next event is expected of this claim. */
const logOf = ({ log }: TaskEntry, epoch: number): EventLog => {
  if (log.epoch !== epoch) Object.assign(log, { epoch, next: 1 })
  return log
}

/** Why a claim may not append; undefined: it may. `late`: how long it may after the end, in ms. */
const refusal = (
  entry: TaskEntry | undefined,
  epoch: number,
  now: number,
  late: number
): TaskLog.Appended | undefined => {
  if (entry === undefined) return { _tag: "Absent" }
  if (Task.isSuperseded(entry.task, epoch)) return { _tag: "Superseded" }
  return now - entry.endedAt > late ? { _tag: "Closed" } : undefined
}

const append = (
  state: TaskState,
  { epoch, id }: { readonly epoch: number; readonly id: Task.TaskId },
  events: ReadonlyArray<TaskEvent.Sent>,
  now: number
): TaskLog.Appended => {
  const entry = state.find(id, now)
  const refused = refusal(entry, epoch, now, -1)
  if (entry === undefined || refused !== undefined) return refused ?? { _tag: "Absent" }
  const log = logOf(entry, epoch)
  const added = events.filter(({ seq }) => seq >= log.next)
  if (added.some(({ seq }, index) => seq !== log.next + index)) return { _tag: "Gap", expected: log.next }
  store(log, epoch, added)
  log.next += added.length
  return { _tag: "Appended", next: log.next }
}

const appendUnnumbered = (
  state: TaskState,
  { epoch, id }: { readonly epoch: number; readonly id: Task.TaskId },
  events: ReadonlyArray<Timed>,
  now: number
): TaskLog.Appended => {
  const entry = state.find(id, now)
  const refused = refusal(entry, epoch, now, Task.times.lateEvents)
  if (entry === undefined || refused !== undefined) return refused ?? { _tag: "Absent" }
  const log = logOf(entry, epoch)
  store(log, epoch, events)
  return { _tag: "Appended", next: log.next }
}

const read = (entry: TaskEntry | undefined, after: number, max: number): TaskLog.Slice => {
  if (entry === undefined) return { events: [], last: 0, first: 1 }
  const { events } = entry.log
  const found: Array<TaskEvent.TaskEvent> = []
  let bytes = 0
  for (const event of events.slice(after, after + max)) {
    bytes += TaskEvent.sizeOf(event.body)
    if (found.length > 0 && bytes > maxSlice) break
    found.push(event)
  }
  return { events: found, last: events.length, first: 1 }
}

/** Runs a step at the present time if a store can read these events again. */
const checked = <A>(operation: string, events: ReadonlyArray<Timed>, step: (now: number) => A) =>
  Effect.andThen(
    Effect.fromResult(TaskCheck.events(operation, events)),
    Effect.map(Clock.currentTimeMillis, step)
  )

const make = (state: TaskState) =>
  TaskLog.TaskLog.of({
    append: (held, events) => checked("TaskLog.append", events, (now) => append(state, held, events, now)),
    appendUnnumbered: (held, events) =>
      checked("TaskLog.appendUnnumbered", events, (now) => appendUnnumbered(state, held, events, now)),
    read: (id, after, max) => Effect.map(Clock.currentTimeMillis, (now) => read(state.find(id, now), after, max))
  })

/** The logs of the tasks in this process's memory. Every operation is one synchronous step. */
export const TaskLogMemory = {
  /** A node on this state, which the queue of the same node shares. */
  layerOn: (state: TaskState): Layer.Layer<TaskLog.TaskLog> => Layer.succeed(TaskLog.TaskLog, make(state))
}
