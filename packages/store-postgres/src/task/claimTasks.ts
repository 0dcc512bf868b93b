import { type Store, Task, type TaskQueue } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { changeTask, elapseLate } from "./changeTask.ts"
import { isUniqueViolation } from "./isUniqueViolation.ts"
import type { RecentTasks } from "./RecentTasks.ts"
import { storedRows, taskColumns, type Versioned, versionedOf } from "./TaskRow.ts"
import { itemOf } from "./writeTasks.ts"

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

/** What a claim did or saw, as `muster_claim_tasks` of migration 25 states it. */
const View = Schema.Struct({
  place: Schema.Finite,
  took: Schema.Boolean,
  late: Schema.Boolean,
  lost: Schema.Boolean,
  held: Schema.Finite,
  id: Schema.NullOr(Task.TaskId),
  record: Schema.Unknown,
  prompt: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Finite)
})
const views = rowsOf(View)

/** One try of a claim. */
export interface ClaimTry {
  readonly claim: Claim
  /** The claimed record of the task that is probably the next, in place of this version; undefined: not known yet. */
  readonly next: Versioned | undefined
  /** Tasks that this claim has, whose key another one takes at the moment, or that cannot be read. */
  readonly passed: ReadonlyArray<Task.TaskId>
  /** Whether the limits of the tasks in scope were applied. */
  readonly isUpToDate: boolean
  readonly now: number
}

const itemOfTry = ({ claim, isUpToDate, next, now, passed }: ClaimTry, place: number, waits: boolean) => ({
  ...(next === undefined ? { place } : itemOf(next, place)),
  ...(next !== undefined && { runtime_id: next.task.runtimeId, user_id: next.task.by }),
  daemon_id: claim.daemonId,
  runtime_ids: claim.runtimeIds,
  slots: claim.slots,
  passed,
  is_up_to_date: isUpToDate,
  now,
  waits
})

const run = (sql: SqlClient.SqlClient, tries: ReadonlyArray<ClaimTry>, waits: boolean) => {
  const items = tries.map((one, place) => itemOfTry(one, place, waits))
  return views.all(sql`SELECT * FROM muster_claim_tasks(${JSON.stringify(items)}::jsonb) ORDER BY place`)
}

/** Several tries in one statement, which waits for no task. Returns what each saw, in their order. */
export const tryClaims = (sql: SqlClient.SqlClient, tries: ReadonlyArray<ClaimTry>) => run(sql, tries, false)

/** One try that waits for its task. Adds it to `passed` if another task took its key meanwhile. */
const tryAlone = (sql: SqlClient.SqlClient, one: ClaimTry, next: Task.Task, passed: Array<Task.TaskId>) =>
  run(sql, [one], true).pipe(
    Effect.map(([view]) => view),
    Effect.catchIf(isUniqueViolation, () => Effect.as(Effect.sync(() => passed.push(next.id)), undefined))
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
  readonly tryClaim: (one: ClaimTry) => Effect.Effect<typeof View.Type, Store.StoreUnavailable>
  readonly recent: RecentTasks
}

/**
 * Takes tasks one after the other. Each is guessed from what this replica queued, or seen by a try before, and taken by a try in
 * which it still is the next one, unchanged: a task is taken once, and by its turn, whoever guesses. What was taken before a
 * failure is delivered again after its time.
 */
export const claimTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  { recent, tryClaim }: ClaimContext,
  now: number
) {
  const { daemonId, fenced, max, runtimeIds, slots, tokenHashes } = claim
  const taken: Array<Task.Task> = []
  const passed: Array<Task.TaskId> = []
  let isUpToDate = false
  let guess: Versioned | undefined = recent.next(runtimeIds, now)
  let wasLeftOut = false
  for (let looks = 0; taken.length < max && looks < maxLooks; looks++) {
    const tokenHash = tokenHashes[taken.length] ?? null
    const task = guess && Task.claim(guess.task, { daemonId, fenced, tokenHash }, now)
    const next = task && { task, version: guess!.version }
    const one: ClaimTry = { claim, next, passed, isUpToDate, now }
    // Together with others, unless it needs a key or was left out just before.
    const seen: typeof View.Type | undefined = yield* task !== undefined && (task.key !== null || wasLeftOut)
      ? tryAlone(sql, one, task, passed)
      : tryClaim(one)
    if (seen === undefined) {
      guess = undefined
      continue
    }
    if (task !== undefined && seen.took) {
      taken.push(task)
      // One that is released meanwhile is for the next claim.
      passed.push(task.id)
      recent.set(task, next!.version + 1)
      wasLeftOut = false
      guess = recent.next(runtimeIds, now)
      continue
    }
    if (seen.late) {
      isUpToDate = yield* elapseLate(sql, { runtimeIds, daemonId, holders: true }, now)
      continue
    }
    if (seen.lost) {
      const rest = { max: max - taken.length, now, passed, tokenHashes: tokenHashes.slice(taken.length) }
      const again = yield* redeliver(sql, claim, rest)
      taken.push(...again)
      passed.push(...again.map(({ id }) => id))
      continue
    }
    const { id, prompt, record, version }: typeof View.Type = seen
    wasLeftOut = id === guess?.task.id && version === guess?.version
    if (guess !== undefined && !wasLeftOut) recent.delete(guess.task.id)
    if (slots !== null && seen.held >= slots) break
    if (id === null || prompt === null || version === null) break
    const found = yield* nextTask({ record, prompt, version })
    guess = found && { task: found, version }
    if (found === undefined) passed.push(id)
  }
  return taken
})
