import { Task, type TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import { type SqlClient, SqlError } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { codeOf } from "../client/Fault.ts"
import { rowsOf } from "../client/Rows.ts"
import { changeTask, elapseLate } from "./changeTask.ts"
import { isUniqueViolation } from "./isUniqueViolation.ts"
import { storedTasks, taskColumns, TaskRow, versionedOf } from "./TaskRow.ts"

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

/** Those whose delivery is taken for lost, oldest first. */
const lostOf = (sql: SqlClient.SqlClient, { daemonId, max, runtimeIds }: Claim, now: number) =>
  storedTasks(sql`
    SELECT ${taskColumns(sql)} FROM tasks
    WHERE runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND active AND status = 'Dispatched' AND due < ${now}
      AND daemon_id = ${daemonId}
    ORDER BY created_at, id
    LIMIT ${max}`)

const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))

const activeOf = (sql: SqlClient.SqlClient, { daemonId }: Claim) =>
  Effect.map(
    counts.one(sql`SELECT count(*)::integer AS count FROM tasks WHERE daemon_id = ${daemonId} AND active`),
    ({ count }) => count
  )

const candidates = rowsOf(TaskRow)

/**
 * The next tasks of a claim, the first one first: of each runtime by priority, the turn of its person and age, of these by
 * priority and age. `passed`: those that another claim took meanwhile.
 */
const nextOf = (
  sql: SqlClient.SqlClient,
  { runtimeIds }: Claim,
  passed: ReadonlyArray<Task.TaskId>,
  now: number
) =>
  Effect.flatMap(
    candidates.first(sql`
      SELECT ${taskColumns(sql)} FROM (
        SELECT DISTINCT ON (t.runtime_id) t.record, t.prompt, t.version, t.priority, t.created_at, t.id
        FROM tasks t LEFT JOIN task_served s ON s.runtime_id = t.runtime_id AND s.user_id = t.by
        WHERE t.runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[]) AND t.status = 'Queued' AND t.not_before <= ${now}
          AND (t.key IS NULL OR NOT EXISTS (SELECT FROM tasks h WHERE h.key = t.key AND h.active))
          AND t.id <> ALL(${arrayOf(passed)}::uuid[])
        ORDER BY t.runtime_id, t.priority DESC, coalesce(s.turn, 0), t.created_at, t.id
      ) AS heads
      ORDER BY priority DESC, created_at, id
      LIMIT 1`),
    Option.match({ onNone: () => Effect.succeedNone, onSome: (row) => Effect.asSome(versionedOf(row)) })
  )

/** The person has had a turn. */
const served = (sql: SqlClient.SqlClient, { by, runtimeId }: Task.Task) =>
  sql`
    INSERT INTO task_served (runtime_id, user_id, turn) VALUES (${runtimeId}, ${by}, nextval('task_turns'))
    ON CONFLICT (runtime_id, user_id) DO UPDATE SET turn = excluded.turn`

/** Takes one queued task. None: there is none, or it was taken by another claim (`passed` then names it). */
const takeNext = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  { now, passed, tokenHash }: {
    readonly now: number
    readonly passed: Array<Task.TaskId>
    readonly tokenHash: string | null
  }
) {
  const next = yield* nextOf(sql, claim, passed, now)
  if (Option.isNone(next)) return "none"
  const { task } = next.value
  const { daemonId, fenced } = claim
  const take = changeTask(sql, task.id, now, (current) =>
    Task.isClaimable(current, now)
      ? claimed(Task.claim(current, { daemonId, fenced, tokenHash }, now))
      : [Option.none<Task.Task>(), current], next.value)
  // A savepoint: the transaction goes on if the key was taken.
  const taken = yield* (task.key === null ? take : sql.withTransaction(take)).pipe(
    Effect.map(Option.flatten),
    // Another task took its key.
    Effect.catchIf(isUniqueViolation, () => Effect.succeedNone)
  )
  if (Option.isNone(taken)) {
    passed.push(task.id)
    return "passed"
  }
  yield* served(sql, taken.value)
  return taken.value
})

const claimed = (task: Task.Task): readonly [Option.Option<Task.Task>, Task.Task] => [Option.some(task), task]

/** How many tasks that others took a claim passes over before it gives up until the next one. */
const maxPassed = 64

/** Locks the daemon and its runtimes until the transaction's end, in one order for all claims. */
const lock = (sql: SqlClient.SqlClient, { daemonId, runtimeIds }: Claim) =>
  sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT hashtextextended('muster-claim ' || name, 0) AS key FROM unnest(${[
    daemonId,
    ...runtimeIds
  ]}::text[]) AS name
      ORDER BY 1
    ) AS keys`

const isDeadlock = (error: unknown) => SqlError.isSqlError(error) && codeOf(error) === "40P01"

/**
 * Serialized per daemon, so that two claims of one daemon together take no more than its slots. A deadlock with a change of
 * another daemon's task, whose limit the claim applies, is tried again.
 */
export const claimTasks = (sql: SqlClient.SqlClient, claim: Claim, now: number) =>
  Effect.retry(claimOnce(sql, claim, now), { while: isDeadlock, times: 5 })

const claimOnce = (sql: SqlClient.SqlClient, claim: Claim, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { daemonId, max, runtimeIds, slots, tokenHashes } = claim
    yield* lock(sql, claim)
    yield* elapseLate(sql, { runtimeIds, daemonId, holders: true }, now)
    const taken: Array<Task.Task> = []
    const tokenHash = () => tokenHashes[taken.length] ?? null
    const active = slots === null ? 0 : yield* activeOf(sql, claim)
    for (const stored of yield* lostOf(sql, claim, now)) {
      const again = yield* changeTask(sql, stored.task.id, now, (task) =>
        Task.isRedeliverable(task, now)
          ? claimed(Task.redeliver(task, tokenHash(), now))
          : [Option.none<Task.Task>(), task], stored)
      taken.push(...Option.toArray(Option.flatten(again)))
    }
    const passed: Array<Task.TaskId> = []
    for (let room = Math.min(max - taken.length, slots === null ? max : slots - active); room > 0;) {
      const next = yield* takeNext(sql, claim, { now, passed, tokenHash: tokenHash() })
      if (next === "none" || passed.length > maxPassed) break
      if (next === "passed") continue
      taken.push(next)
      room--
    }
    return taken
  }))
