import { Store, Task, TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"
import { changeTask, elapsed, elapseLate } from "./changeTask.ts"
import { cleanKey, derived, recordText } from "./TaskRow.ts"

const counts = rowsOf(Schema.Struct({ runtime: Schema.Finite, workspace: Schema.Finite, key: Schema.Finite }))

/** How many queued tasks count for each bound, at most the bound itself. */
const queued = (sql: SqlClient.SqlClient, { key, runtimeId, workspaceId }: Task.NewTask) =>
  counts.one(sql`
    SELECT
      (SELECT count(*) FROM (
        SELECT FROM tasks WHERE runtime_id = ${runtimeId} AND status = 'Queued' LIMIT ${Task.maxQueued.runtime}
      ) AS a)::integer AS runtime,
      (SELECT count(*) FROM (
        SELECT FROM tasks WHERE workspace_id = ${workspaceId} AND status = 'Queued' LIMIT ${Task.maxQueued.workspace}
      ) AS b)::integer AS workspace,
      (SELECT count(*) FROM (
        SELECT FROM tasks WHERE key = ${cleanKey(key)} AND status = 'Queued' LIMIT ${Task.maxQueued.key}
      ) AS c)::integer AS key`)

const fullOf = (sql: SqlClient.SqlClient, task: Task.NewTask) =>
  Effect.map(
    queued(sql, task),
    (found) => (["runtime", "workspace", "key"] as const).find((bound) => found[bound] >= Task.maxQueued[bound])
  )

/** Fails if one more task exceeds a bound; what is counted may be over. */
const checkRoom = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, task: Task.NewTask, now: number) {
  if ((yield* fullOf(sql, task)) === undefined) return
  const keys = task.key === null ? [] : [Store.cleanText(task.key)]
  yield* elapseLate(sql, { runtimeIds: [task.runtimeId], workspaceId: task.workspaceId, keys }, now)
  const bound = yield* fullOf(sql, task)
  if (bound !== undefined) return yield* new TaskQueue.TasksFull({ bound, max: Task.maxQueued[bound] })
})

const insert = (sql: SqlClient.SqlClient, task: Task.Task) => {
  const { active, daemonId, deadline, due, endedAt, epoch, notBefore, status, tokenHash } = derived(task)
  return sql`
    INSERT INTO tasks (id, workspace_id, runtime_id, by, key, priority, created_at, record, prompt, version, daemon_id,
      status, active, epoch, not_before, due, deadline, ended_at, token_hash)
    VALUES (${task.id}, ${task.workspaceId}, ${task.runtimeId}, ${task.by}, ${cleanKey(task.key)}, ${task.priority},
      ${task.createdAt}, ${recordText(task)}::jsonb, ${
    Store.cleanText(task.prompt)
  }, 0, ${daemonId}, ${status}, ${active},
      ${epoch}, ${notBefore}, ${due}, ${deadline}, ${endedAt}, ${tokenHash})`
}

const known = rowsOf(Schema.Struct({ fingerprint: Schema.String, taskId: Task.TaskId, createdAt: Schema.Finite }))

/** The task to which an idempotency key refers, under a lock on the key until the transaction's end. */
const findOnce = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { key, workspaceId }: { readonly key: string; readonly workspaceId: string },
  now: number
) {
  yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`muster-task ${workspaceId} ${key}`}, 0))`
  return yield* known.first(sql`
    SELECT fingerprint, task_id, created_at FROM task_keys JOIN tasks ON tasks.id = task_id
    WHERE task_keys.workspace_id = ${workspaceId} AND task_keys.key = ${key}
      AND created_at >= ${now - Task.times.idempotency}`)
})

const create = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, input: Task.NewTask, now: number) {
  yield* checkRoom(sql, input, now)
  const task = Task.make(input, now)
  yield* insert(sql, task)
  return { task, created: true }
})

const createOnce = (
  sql: SqlClient.SqlClient,
  input: Task.NewTask,
  { fingerprint, key: given }: { readonly key: string; readonly fingerprint: string },
  now: number
) =>
  sql.withTransaction(Effect.gen(function*() {
    const key = Store.cleanText(given)
    const { workspaceId } = input
    const earlier = yield* findOnce(sql, { key, workspaceId }, now)
    if (Option.isSome(earlier)) {
      const { fingerprint: asked, taskId } = earlier.value
      if (asked !== fingerprint) return yield* new TaskQueue.IdempotencyConflict({ id: taskId })
      const task = yield* changeTask(sql, taskId, now, elapsed)
      if (Option.isSome(task)) return { task: task.value, created: false }
    }
    const made = yield* create(sql, input, now)
    yield* sql`
      INSERT INTO task_keys (workspace_id, key, fingerprint, task_id)
      VALUES (${workspaceId}, ${key}, ${fingerprint}, ${made.task.id})
      ON CONFLICT (workspace_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, task_id = excluded.task_id`
    return made
  }))

/** Adds a task, or finds the one to which its idempotency key refers. */
export const enqueueTask = (sql: SqlClient.SqlClient, { idempotency, task }: TaskQueue.Enqueue, now: number) =>
  idempotency === null ? create(sql, task, now) : createOnce(sql, task, idempotency, now)
