import { Store, Task, TaskQueue } from "@muster/domain"
import { Effect, Option, Result, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"
import { changeTask, elapsed, elapseLate } from "./changeTask.ts"
import type { RecentTasks } from "./RecentTasks.ts"
import { newRow } from "./TaskRow.ts"

/** One call of `enqueue` without an idempotency key, at the caller's time. */
export interface Creation {
  readonly input: Task.NewTask
  readonly now: number
}

/** What of the queue has a bound. */
interface Bounded {
  readonly kind: keyof typeof Task.maxQueued
  readonly name: string
}

/** The scopes of a new task, in the order in which they refuse it. */
const boundsOf = ({ key, runtimeId, workspaceId }: Task.NewTask): ReadonlyArray<Bounded> => [
  { kind: "runtime", name: runtimeId },
  { kind: "workspace", name: workspaceId },
  ...(key === null ? [] : [{ kind: "key" as const, name: Store.cleanText(key) }])
]

const wordOf = ({ kind, name }: Bounded) => `${kind} ${name}`

/** All scopes of these tasks, in the one order in which every replica locks them. */
const scopesOf = (creations: ReadonlyArray<Creation>) =>
  [...new Map(creations.flatMap(({ input }) => boundsOf(input)).map((one) => [wordOf(one), one]))]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([word, { kind, name }]) => ({ word, kind, name, max: Task.maxQueued[kind] }))

const refusals = rowsOf(Schema.Struct({ place: Schema.Finite, fullScope: Schema.Finite }))

const textOf = (value: unknown) => JSON.stringify(value)

/** Stores the tasks in order, in one statement. Returns the bound that refused each; undefined: it is stored. */
const store = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  creations: ReadonlyArray<Creation>,
  recent: RecentTasks
) {
  const scopes = scopesOf(creations)
  const positions = new Map(scopes.map(({ word }, index) => [word, index + 1]))
  const items = creations.map(({ input }, place) => ({
    place,
    id: input.id,
    scopes: boundsOf(input).map((one) => positions.get(wordOf(one)))
  }))
  const stored = creations.map(({ input, now }) => newRow(Task.make(input, now)))
  const rows = yield* refusals.all(sql`
    SELECT place, full_scope FROM muster_queue_tasks(${textOf(scopes)}::jsonb, ${textOf(items)}::jsonb, ${
    textOf(stored)
  }::jsonb)`)
  const full = new Map(rows.map(({ fullScope, place }) => [place, scopes[fullScope - 1]!.kind]))
  for (const [place, row] of stored.entries()) {
    if (!full.has(place)) recent.set({ ...Object(row.record), prompt: row.prompt }, row.version)
  }
  return creations.map((_, place) => full.get(place))
})

/** Applies the limits in the scopes of a task. */
const elapseScopes = (sql: SqlClient.SqlClient, { input: { key, runtimeId, workspaceId }, now }: Creation) =>
  elapseLate(sql, { runtimeIds: [runtimeId], workspaceId, keys: key === null ? [] : [Store.cleanText(key)] }, now)

type Enqueued = { readonly task: Task.Task; readonly created: boolean }

/** Adds tasks. Those that a bound refused are tried once more after the limits were applied: what was counted may be over. */
export const enqueueTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  creations: ReadonlyArray<Creation>,
  recent: RecentTasks
) {
  const bounds = yield* store(sql, creations, recent)
  const refused = creations.filter((_, place) => bounds[place] !== undefined)
  yield* Effect.forEach(refused, (one) => elapseScopes(sql, one), { discard: true })
  const again = refused.length === 0 ? [] : yield* store(sql, refused, recent)
  const final = new Map(refused.map((one, place) => [one, again[place]]))
  return creations.map((one): Result.Result<Enqueued, TaskQueue.TasksFull> => {
    const bound = final.get(one)
    return bound === undefined
      ? Result.succeed({ task: Task.make(one.input, one.now), created: true })
      : Result.fail(new TaskQueue.TasksFull({ bound, max: Task.maxQueued[bound] }))
  })
})

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

/** Adds a task, or finds the one to which its idempotency key refers. */
export const enqueueOnce = (
  sql: SqlClient.SqlClient,
  { fingerprint, key: given }: { readonly key: string; readonly fingerprint: string },
  creation: Creation,
  recent: RecentTasks
) =>
  sql.withTransaction(Effect.gen(function*() {
    const key = Store.cleanText(given)
    const { input: { workspaceId }, now } = creation
    const earlier = yield* findOnce(sql, { key, workspaceId }, now)
    if (Option.isSome(earlier)) {
      const { fingerprint: asked, taskId } = earlier.value
      if (asked !== fingerprint) return yield* new TaskQueue.IdempotencyConflict({ id: taskId })
      const task = yield* changeTask(sql, taskId, now, elapsed)
      if (Option.isSome(task)) return { task: task.value, created: false }
    }
    const [result] = yield* enqueueTasks(sql, [creation], recent)
    const made = yield* Effect.fromResult(result!)
    yield* sql`
      INSERT INTO task_keys (workspace_id, key, fingerprint, task_id)
      VALUES (${workspaceId}, ${key}, ${fingerprint}, ${made.task.id})
      ON CONFLICT (workspace_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, task_id = excluded.task_id`
    return made
  }))
