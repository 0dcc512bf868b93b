import { type Store, Task, type TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { assignments, changeTask, elapseLate } from "./changeTask.ts"
import { isUniqueViolation } from "./isUniqueViolation.ts"
import type { RecentTasks } from "./RecentTasks.ts"
import { storedRows, taskColumns, versionedOf } from "./TaskRow.ts"
import type { Taking } from "./writeTasks.ts"

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

/** Those whose delivery is taken for lost, without those that were passed. */
const lost = (
  sql: SqlClient.SqlClient,
  { daemonId, runtimeIds }: Claim,
  passed: ReadonlyArray<Task.TaskId>,
  now: number
) =>
  sql`
    runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND active AND status = 'Dispatched' AND due < ${now}
      AND daemon_id = ${daemonId} AND id <> ALL(${arrayOf(passed)}::uuid[])`

/** What a claim sees at one moment, as `muster_look_tasks` of migration 24 states it. */
const View = Schema.Struct({
  place: Schema.Finite,
  late: Schema.Boolean,
  lost: Schema.Boolean,
  held: Schema.Finite,
  claims: Schema.Finite,
  id: Schema.NullOr(Task.TaskId),
  record: Schema.Unknown,
  prompt: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Finite)
})
const views = rowsOf(View)

/** One look of a claim. `passed`: tasks whose key another claim takes at the moment, and those that cannot be read. */
export interface Look {
  readonly daemonId: Claim["daemonId"]
  readonly runtimeIds: Claim["runtimeIds"]
  readonly passed: ReadonlyArray<Task.TaskId>
  readonly now: number
}

/** Looks for several claims in one statement. Returns the views in the order of the looks. */
export const viewTasks = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, looks: ReadonlyArray<Look>) {
  const items = looks.map(({ daemonId, now, passed, runtimeIds }, place) => ({
    place,
    daemon_id: daemonId,
    runtime_ids: runtimeIds,
    passed,
    now
  }))
  return yield* views.all(sql`SELECT * FROM muster_look_tasks(${JSON.stringify(items)}::json) ORDER BY place`)
})

const takes = rowsOf(Schema.Struct({ took: Schema.Boolean }))

/**
 * Writes a claimed task in place of its version, and its person's turn, unless another claim of the daemon came since its tasks
 * were counted.
 */
const take = (
  sql: SqlClient.SqlClient,
  task: Task.Task,
  { claims, version }: { readonly claims: number; readonly version: number }
) =>
  Effect.map(
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
    SELECT EXISTS (SELECT FROM taken) AS took`),
    ({ took }) => took
  )

/** Delivers again what was lost, oldest first, at most `max`. Adds those that cannot be read to `passed`. */
const redeliver = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  { max, now, passed, tokenHashes }: {
    readonly max: number
    readonly now: number
    readonly passed: Array<Task.TaskId>
    readonly tokenHashes: ReadonlyArray<string>
  }
) {
  const { tasks: found, unreadable } = yield* storedRows(sql`
    SELECT ${taskColumns(sql)} FROM tasks WHERE ${lost(sql, claim, passed, now)} ORDER BY created_at, id LIMIT ${max}`)
  passed.push(...unreadable)
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

/** What the claims of a replica share: statements for several of them, and the tasks that were written last. */
export interface ClaimContext {
  readonly look: (look: Look) => Effect.Effect<typeof View.Type, Store.StoreUnavailable>
  /** False: the task has changed or is locked, or another claim of the daemon came. Only for a task without a key. */
  readonly takeSoon: (taking: Taking) => Effect.Effect<boolean, Store.StoreUnavailable>
  readonly recent: RecentTasks
}

/**
 * Takes tasks one after the other, each by a look and a compare-and-set of the task and of the daemon's number of claims: two
 * claims of one daemon together take no more than its slots, and a task is taken once. What was taken before a failure is
 * delivered again after its time.
 */
export const claimTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  { look, recent, takeSoon }: ClaimContext,
  now: number
) {
  const { daemonId, fenced, max, runtimeIds, slots, tokenHashes } = claim
  const taken: Array<Task.Task> = []
  const passed: Array<Task.TaskId> = []
  let isUpToDate = false
  let leftOut = false
  for (let looks = 0; taken.length < max && looks < maxLooks; looks++) {
    const seen = yield* look({ daemonId, runtimeIds, passed, now })
    if (seen.late && !isUpToDate) {
      isUpToDate = yield* elapseLate(sql, { runtimeIds, daemonId, holders: true }, now)
      continue
    }
    if (seen.lost) {
      const rest = { max: max - taken.length, now, passed, tokenHashes: tokenHashes.slice(taken.length) }
      taken.push(...(yield* redeliver(sql, claim, rest)))
      continue
    }
    const { claims, id, prompt, record, version } = seen
    if (slots !== null && seen.held >= slots) break
    if (id === null || prompt === null || version === null) break
    const task = yield* nextTask({ record, prompt, version })
    if (task === undefined) {
      passed.push(id)
      continue
    }
    const next = Task.claim(task, { daemonId, fenced, tokenHash: tokenHashes[taken.length] ?? null }, now)
    // Together with others, unless it needs a key or was left out just before.
    const soon: boolean = next.key === null && !leftOut
    const took: boolean = yield* soon
      ? takeSoon({ task: next, version, claims })
      : take(sql, next, { claims, version }).pipe(
        // Another task took its key.
        Effect.catchIf(isUniqueViolation, () => Effect.as(Effect.sync(() => passed.push(task.id)), false))
      )
    leftOut = soon && !took
    if (!took) continue
    taken.push(next)
    recent.set(next, version + 1)
  }
  return taken
})
