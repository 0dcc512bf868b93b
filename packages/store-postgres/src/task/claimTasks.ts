import { Task, type TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { assignments, changeTask, elapseLate } from "./changeTask.ts"
import { isUniqueViolation } from "./isUniqueViolation.ts"
import type { RecentTasks } from "./RecentTasks.ts"
import { storedTasks, taskColumns, versionedOf } from "./TaskRow.ts"

type Claim = TaskQueue.ClaimTasks

const looks = rowsOf(Schema.Struct({ there: Schema.Boolean }))

/** The cheap look: by indexes alone, without locks. */
export const mayClaim = (sql: SqlClient.SqlClient, runtimeIds: Claim["runtimeIds"], now: number) =>
  Effect.map(
    looks.one(sql`
      SELECT EXISTS (
        SELECT FROM tasks WHERE runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND status = 'Queued'
      ) OR EXISTS (
        SELECT FROM tasks WHERE runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND active
          AND (due < ${now} OR deadline < ${now})
      ) AS there`),
    ({ there }) => there
  )

/** Those whose delivery is taken for lost. */
const lost = (sql: SqlClient.SqlClient, { daemonId, runtimeIds }: Claim, now: number) =>
  sql`
    runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND active AND status = 'Dispatched' AND due < ${now}
      AND daemon_id = ${daemonId}`

/**
 * What a claim sees at one moment: whether the limit of any task has passed (which the index answers at once), whether a delivery was lost, how many tasks
 * the daemon has, how often it has claimed, and the next task. The next one is, of each runtime, the first by priority, the
 * turn of its person and age; of these, the first by priority and age.
 */
const views = rowsOf(Schema.Struct({
  late: Schema.Boolean,
  lost: Schema.Boolean,
  active: Schema.Finite,
  claims: Schema.Finite,
  id: Schema.NullOr(Task.TaskId),
  record: Schema.Unknown,
  prompt: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Finite)
}))

/** `passed`: tasks whose key another claim takes at the moment, and those that cannot be read. */
const view = (sql: SqlClient.SqlClient, claim: Claim, passed: ReadonlyArray<Task.TaskId>, now: number) => {
  const { daemonId } = claim
  const runtimes = arrayOf(claim.runtimeIds)
  return views.one(sql`
    SELECT
      coalesce((SELECT min(deadline) FROM tasks WHERE deadline IS NOT NULL) < ${now}, false) AS late,
      EXISTS (SELECT FROM tasks WHERE ${lost(sql, claim, now)}) AS lost,
      (SELECT count(*) FROM tasks WHERE daemon_id = ${daemonId} AND active)::integer AS active,
      coalesce((SELECT claims FROM task_daemons WHERE daemon_id = ${daemonId}), 0) AS claims,
      next.id, next.record, next.prompt, next.version
    FROM (SELECT) AS one LEFT JOIN (
      SELECT id, record, prompt, version FROM (
        SELECT DISTINCT ON (t.runtime_id) t.record, t.prompt, t.version, t.priority, t.created_at, t.id
        FROM tasks t LEFT JOIN task_served s ON s.runtime_id = t.runtime_id AND s.user_id = t.by
        WHERE t.runtime_id = ANY(${runtimes}::uuid[]) AND t.status = 'Queued' AND t.not_before <= ${now}
          AND (t.key IS NULL OR NOT EXISTS (SELECT FROM tasks h WHERE h.key = t.key AND h.active))
          AND t.id <> ALL(${arrayOf(passed)}::uuid[])
        ORDER BY t.runtime_id, t.priority DESC, coalesce(s.turn, 0), t.created_at, t.id
      ) AS heads
      ORDER BY priority DESC, created_at, id
      LIMIT 1
    ) AS next ON true`)
}

const takes = rowsOf(Schema.Struct({ counted: Schema.Boolean, took: Schema.Boolean }))

/**
 * Writes a claimed task in place of its version, and its person's turn, unless another claim of the daemon came since its tasks
 * were counted.
 */
const take = (
  sql: SqlClient.SqlClient,
  task: Task.Task,
  { claims, version }: { readonly claims: number; readonly version: number }
) =>
  takes.one(sql`
    WITH counted AS (
      INSERT INTO task_daemons AS d (daemon_id, claims) VALUES (${task.daemonId}, 1)
      ON CONFLICT (daemon_id) DO UPDATE SET claims = d.claims + 1 WHERE d.claims = ${claims}
      RETURNING 1
    ), taken AS (
      UPDATE tasks SET ${assignments(sql, task)}
      WHERE id = ${task.id} AND version = ${version} AND EXISTS (SELECT FROM counted)
      RETURNING 1
    ), turn AS (
      INSERT INTO task_served (runtime_id, user_id, turn)
      SELECT ${task.runtimeId}::uuid, ${task.by}::uuid, nextval('task_turns') WHERE EXISTS (SELECT FROM taken)
      ON CONFLICT (runtime_id, user_id) DO UPDATE SET turn = excluded.turn
    )
    SELECT EXISTS (SELECT FROM counted) AS counted, EXISTS (SELECT FROM taken) AS took`)

/** Delivers again what was lost, oldest first, at most `max`. */
const redeliver = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  { max, now, tokenHashes }: { readonly max: number; readonly now: number; readonly tokenHashes: ReadonlyArray<string> }
) {
  const found = yield* storedTasks(sql`
    SELECT ${taskColumns(sql)} FROM tasks WHERE ${lost(sql, claim, now)} ORDER BY created_at, id LIMIT ${max}`)
  const again: Array<Task.Task> = []
  for (const stored of found) {
    const task = yield* changeTask(
      sql,
      stored.task.id,
      now,
      (current): readonly [Option.Option<Task.Task>, Task.Task] => {
        if (!Task.isRedeliverable(current, now)) return [Option.none(), current]
        const next = Task.redeliver(current, tokenHashes[again.length] ?? null, now)
        return [Option.some(next), next]
      },
      { stored }
    )
    again.push(...Option.toArray(Option.flatten(task)))
  }
  return again
})

/** The task that a look found; undefined: it cannot be read. */
const nextTask = (row: Parameters<typeof versionedOf>[0]) =>
  versionedOf(row).pipe(
    Effect.map(({ task }): Task.Task | undefined => task),
    Effect.catchIf(Schema.isSchemaError, () => Effect.succeed(undefined))
  )

/** How often one claim looks, at most: others may claim, and take keys, between a look and the step after it. */
const maxLooks = 500

/**
 * Takes tasks one after the other, each by a look and a compare-and-set of the task and of the daemon's number of claims: two
 * claims of one daemon together take no more than its slots, and a task is taken once. What was taken before a failure is
 * delivered again after its time.
 */
export const claimTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  recent: RecentTasks,
  now: number
) {
  const { daemonId, fenced, max, runtimeIds, slots, tokenHashes } = claim
  const taken: Array<Task.Task> = []
  const passed: Array<Task.TaskId> = []
  let isUpToDate = false
  let mayBeLost = true
  for (let looks = 0; taken.length < max && looks < maxLooks; looks++) {
    const seen = yield* view(sql, claim, passed, now)
    if (seen.late && !isUpToDate) {
      isUpToDate = yield* elapseLate(sql, { runtimeIds, daemonId, holders: true }, now)
      continue
    }
    if (seen.lost && mayBeLost) {
      const rest = { max: max - taken.length, now, tokenHashes: tokenHashes.slice(taken.length) }
      const again = yield* redeliver(sql, claim, rest)
      taken.push(...again)
      mayBeLost = again.length > 0
      continue
    }
    const { claims, id, prompt, record, version } = seen
    if (slots !== null && seen.active >= slots) break
    if (id === null || prompt === null || version === null) break
    const task = yield* nextTask({ record, prompt, version })
    if (task === undefined) {
      passed.push(id)
      continue
    }
    const next = Task.claim(task, { daemonId, fenced, tokenHash: tokenHashes[taken.length] ?? null }, now)
    const took = yield* Effect.map(take(sql, next, { claims, version }), ({ took }) => took).pipe(
      // Another task took its key.
      Effect.catchIf(isUniqueViolation, () => Effect.as(Effect.sync(() => passed.push(task.id)), false))
    )
    if (!took) continue
    taken.push(next)
    recent.set(next, version + 1)
  }
  return taken
})
