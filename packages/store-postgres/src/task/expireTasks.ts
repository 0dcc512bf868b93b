import { Task, type TaskQueue } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"

const olds = rowsOf(Schema.Struct({
  id: Task.TaskId,
  /** The offset of its first event. */
  first: Schema.Finite,
  /** How many events it and the tasks before it have. */
  total: Schema.Finite
}))

/** The tasks that ended first, locked until the transaction ends. Those that another call removes are left out. */
const oldest = (sql: SqlClient.SqlClient, before: number, max: number) =>
  olds.all(sql`
    WITH old AS (
      SELECT id, ended_at FROM tasks WHERE ended_at < ${before} ORDER BY ended_at, id LIMIT ${max}
      FOR UPDATE SKIP LOCKED
    ), counted AS (
      SELECT old.id, old.ended_at, coalesce(events, 0) AS events,
        coalesce((SELECT min("offset") FROM task_events WHERE task_id = old.id), 1) AS first
      FROM old LEFT JOIN task_logs ON task_id = old.id
    )
    SELECT id, first, (sum(greatest(0, events - first + 1)) OVER (ORDER BY ended_at, id))::integer AS total
    FROM counted ORDER BY ended_at, id`)

/** Removes the tasks whose events together are within the bound; if the first one alone exceeds it, its oldest events. */
export const expireTasks = (sql: SqlClient.SqlClient, before: number, max: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const found = yield* oldest(sql, before, max)
    const fitting = found.filter(({ total }) => total <= Task.maxExpired)
    const [first] = found
    if (fitting.length > 0) {
      yield* sql`DELETE FROM tasks WHERE id = ANY(${arrayOf(fitting.map(({ id }) => id))}::uuid[])`
    } else if (first !== undefined) {
      yield* sql`
        DELETE FROM task_events WHERE task_id = ${first.id} AND "offset" < ${first.first + Task.maxExpired}`
    }
    const isDone = found.length < max && fitting.length === found.length
    return { tasks: fitting.length, isDone } satisfies TaskQueue.Expired
  }))
