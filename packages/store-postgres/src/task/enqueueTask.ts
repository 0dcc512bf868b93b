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

/**
 * How many tasks this replica may add to a runtime, workspace or key before it counts again: a tenth of the room that it
 * found, and none where few places are left, so that the bounds are kept also by several replicas. Counting each time would
 * read all index entries of tasks that have left the queue since the last vacuum.
 */
export class Room {
  private readonly left = new Map<string, number>()

  /** Takes one place of each; false: they are to be counted first. */
  take(names: ReadonlyArray<string>): boolean {
    if (names.some((name) => (this.left.get(name) ?? 0) <= 0)) return false
    for (const name of names) this.left.set(name, this.left.get(name)! - 1)
    return true
  }

  /** Records what a count found. */
  found(name: string, queued: number, max: number): void {
    if (this.left.size >= maxNames) this.left.clear()
    const room = max - queued
    this.left.set(name, room < Math.max(max / 10, 100) ? 0 : Math.floor(room / 10))
  }
}

/** How many names a replica remembers; all are counted anew when there are more. */
const maxNames = 10_000

const namesOf = ({ key, runtimeId, workspaceId }: Task.NewTask) => ({
  runtime: `runtime ${runtimeId}`,
  workspace: `workspace ${workspaceId}`,
  ...(key !== null && { key: `key ${key}` })
})

const bounds = ["runtime", "workspace", "key"] as const

const countRoom = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, task: Task.NewTask, room: Room) {
  const found = yield* queued(sql, task)
  const full = bounds.find((bound) => found[bound] >= Task.maxQueued[bound])
  if (full !== undefined) return full
  const names = namesOf(task)
  for (const bound of bounds) {
    const name = names[bound]
    if (name !== undefined) room.found(name, found[bound] + 1, Task.maxQueued[bound])
  }
  return undefined
})

/** Fails if one more task exceeds a bound; what is counted may be over. */
const checkRoom = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, task: Task.NewTask, room: Room, now: number) {
  if (room.take(Object.values(namesOf(task))) || (yield* countRoom(sql, task, room)) === undefined) return
  const keys = task.key === null ? [] : [Store.cleanText(task.key)]
  yield* elapseLate(sql, { runtimeIds: [task.runtimeId], workspaceId: task.workspaceId, keys }, now)
  const bound = yield* countRoom(sql, task, room)
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

const create = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, input: Task.NewTask, room: Room, now: number) {
  yield* checkRoom(sql, input, room, now)
  const task = Task.make(input, now)
  yield* insert(sql, task)
  return { task, created: true }
})

const createOnce = (
  sql: SqlClient.SqlClient,
  input: Task.NewTask,
  { fingerprint, key: given }: { readonly key: string; readonly fingerprint: string },
  room: Room,
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
    const made = yield* create(sql, input, room, now)
    yield* sql`
      INSERT INTO task_keys (workspace_id, key, fingerprint, task_id)
      VALUES (${workspaceId}, ${key}, ${fingerprint}, ${made.task.id})
      ON CONFLICT (workspace_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, task_id = excluded.task_id`
    return made
  }))

/** Adds a task, or finds the one to which its idempotency key refers. */
export const enqueueTask = (
  sql: SqlClient.SqlClient,
  { idempotency, task }: TaskQueue.Enqueue,
  room: Room,
  now: number
) => idempotency === null ? create(sql, task, room, now) : createOnce(sql, task, idempotency, room, now)
