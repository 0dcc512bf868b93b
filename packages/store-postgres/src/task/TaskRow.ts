import { Store, Task } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"

/** A task as its table has it. */
const TaskRow = Schema.Struct({
  id: Task.TaskId,
  createdAt: Schema.Finite,
  record: Schema.Unknown,
  prompt: Schema.String,
  version: Schema.Finite
})

const taskRows = rowsOf(TaskRow)

/** The columns of `TaskRow`. */
export const taskColumns = (sql: SqlClient.SqlClient) => sql`id, created_at, record, prompt, version`

const decode = Schema.decodeUnknownEffect(Task.Task)

/** A task, and the version that a change of it replaces. */
export interface Versioned {
  readonly task: Task.Task
  readonly version: number
}

export const versionedOf = ({ prompt, record, version }: Pick<typeof TaskRow.Type, "prompt" | "record" | "version">) =>
  Effect.map(decode({ ...Object(record), prompt }), (task): Versioned => ({ task, version }))

/** The rows of a query of `taskColumns`. A record that cannot be read, of whatever origin, hinders no other one. */
interface Stored {
  readonly tasks: ReadonlyArray<Versioned>
  readonly unreadable: ReadonlyArray<Task.TaskId>
  /** The position of the last row; none: there is no row. */
  readonly last: Option.Option<{ readonly createdAt: number; readonly id: Task.TaskId }>
  readonly rows: number
}

export const storedRows = Effect.fnUntraced(function*(statement: Effect.Effect<unknown, SqlError.SqlError>) {
  const rows = yield* taskRows.all(statement)
  const unreadable: Array<Task.TaskId> = []
  const tasks = yield* Effect.forEach(
    rows,
    (row) =>
      Effect.catchIf(Effect.map(versionedOf(row), (task) => [task]), Schema.isSchemaError, (error) => {
        unreadable.push(row.id)
        return Effect.as(Effect.logDebug(`task ${row.id} cannot be read`, error), [])
      })
  )
  const last = Option.map(Option.fromUndefinedOr(rows.at(-1)), ({ createdAt, id }) => ({ createdAt, id }))
  return { tasks: tasks.flat(), unreadable, last, rows: rows.length } satisfies Stored
})

/** The tasks of a query of `taskColumns`, as they are stored, without those that cannot be read. */
export const storedTasks = (statement: Effect.Effect<unknown, SqlError.SqlError>) =>
  Effect.map(storedRows(statement), ({ tasks }) => tasks)

/** The one task of a query. Fails if it cannot be read. */
export const storedTask = (statement: Effect.Effect<unknown, SqlError.SqlError>) =>
  Effect.flatMap(
    taskRows.first(statement),
    Option.match({ onNone: () => Effect.succeedNone, onSome: (row) => Effect.asSome(versionedOf(row)) })
  )

const dueOf = ({ state }: Task.Task): number | null =>
  state._tag === "Dispatched" && state.deliveries < Task.maxDeliveries
    ? Math.max(state.deliveredAt + Task.times.redeliverAfter, state.leaseUntil ?? 0)
    : null

/** What the other columns have, derived from the record. */
export const derived = (task: Task.Task) => ({
  runtimeId: task.runtimeId,
  key: task.key === null ? null : Store.cleanText(task.key),
  daemonId: task.daemonId,
  status: task.state._tag,
  active: Task.isActive(task),
  epoch: task.epoch,
  notBefore: task.state._tag === "Queued" ? task.state.notBefore : null,
  due: dueOf(task),
  deadline: Task.deadlineOf(task),
  endedAt: "endedAt" in task.state ? task.state.endedAt : null,
  tokenHash: task.tokenHash
})

/** The record without the prompt. */
export const recordOf = (task: Task.Task) => {
  const record: Partial<Task.Task> = { ...task }
  delete (record as { prompt?: string }).prompt
  return Store.cleanJson(record as never)
}

/** The record without the prompt, as the text of a `jsonb` parameter. */
export const recordText = (task: Task.Task): string => JSON.stringify(recordOf(task))

/** The row of a new task, as `json` has it. */
export const newRow = (task: Task.Task) => {
  const row = derived(task)
  return {
    id: task.id,
    workspace_id: task.workspaceId,
    runtime_id: row.runtimeId,
    by: task.by,
    daemon_id: row.daemonId,
    key: row.key,
    priority: task.priority,
    status: row.status,
    active: row.active,
    epoch: row.epoch,
    created_at: task.createdAt,
    not_before: row.notBefore,
    due: row.due,
    deadline: row.deadline,
    ended_at: row.endedAt,
    token_hash: row.tokenHash,
    version: 0,
    record: recordOf(task),
    prompt: Store.cleanText(task.prompt)
  }
}
