import { type Runtime, Store, Task, type TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { elapseLate } from "./changeTask.ts"
import { storedRows, storedTasks, taskColumns } from "./TaskRow.ts"

const tags = {
  queued: "Queued",
  dispatched: "Dispatched",
  running: "Running",
  cancelling: "Cancelling",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled"
} as const satisfies Record<Task.Status, Task.State["_tag"]>

/** A page of a list. */
export interface Page {
  readonly workspace: Task.Task["workspaceId"]
  readonly filter: TaskQueue.TaskFilter
  readonly before: TaskQueue.TaskCursor | null
  readonly max: number
}

const pageOf = (sql: SqlClient.SqlClient, { before, filter: { by, runtimeId, statuses }, max, workspace }: Page) =>
  storedRows(sql`
    SELECT ${taskColumns(sql)} FROM tasks
    WHERE ${
    sql.and([
      sql`workspace_id = ${workspace}`,
      ...(before === null ? [] : [sql`(created_at, id) < (${before.createdAt}, ${before.id}::uuid)`]),
      ...(by === undefined ? [] : [sql`by = ${by}`]),
      ...(runtimeId === undefined ? [] : [sql`runtime_id = ${runtimeId}`]),
      ...(statuses === undefined ? [] : [sql`status = ANY(${arrayOf(statuses.map((one) => tags[one]))}::text[])`])
    ])
  }
    ORDER BY created_at DESC, id DESC
    LIMIT ${max}`)

/** How many queries one list makes, at most: each one replaces rows of the one before that cannot be read. */
const maxPages = 10

export const listTasks = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, page: Page, now: number) {
  yield* elapseLate(sql, { workspaceId: page.workspace }, now)
  const found: Array<Task.Task> = []
  let before = page.before
  for (let pages = 0; pages < maxPages; pages++) {
    const max = page.max - found.length
    const { last, rows, tasks } = yield* pageOf(sql, { ...page, before, max })
    found.push(...tasks.map(({ task }) => Task.elapse(task, now)))
    if (rows < max || tasks.length === rows || Option.isNone(last)) break
    before = last.value
  }
  return found
})

const counted = rowsOf(Schema.Struct({ runtimeId: Schema.String, queued: Schema.Finite, active: Schema.Finite }))

export const countTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  runtimeIds: ReadonlyArray<Runtime.RuntimeId>,
  now: number
) {
  yield* elapseLate(sql, { runtimeIds }, now)
  const rows = yield* counted.all(sql`
    SELECT runtime_id, count(*) FILTER (WHERE status = 'Queued')::integer AS queued,
      count(*) FILTER (WHERE active)::integer AS active
    FROM tasks
    WHERE runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND (status = 'Queued' OR active)
    GROUP BY runtime_id`)
  return new Map(rows.map(({ active, queued, runtimeId }) => [runtimeId as Runtime.RuntimeId, { queued, active }]))
})

export const activeTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { keys: given, runtimeIds }: Parameters<TaskQueue.TaskQueue["Service"]["active"]>[0],
  max: number,
  now: number
) {
  const keys = given.map(Store.cleanText)
  yield* elapseLate(sql, { runtimeIds, keys }, now)
  const found = yield* storedTasks(sql`
    SELECT ${taskColumns(sql)} FROM tasks
    WHERE active AND (runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[])
      OR ${keys.length === 0 ? sql`false` : sql.in("key", keys)})
    ORDER BY created_at, id
    LIMIT ${max}`)
  return found.map(({ task }) => Task.elapse(task, now)).filter(Task.isActive)
})
