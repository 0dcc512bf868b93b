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

/** A claim under way: what it has, and what it knows of the task that follows. */
interface Progress {
  readonly claim: Claim
  readonly now: number
  readonly taken: Array<Task.Task>
  /** See `ClaimTry`. One that is released meanwhile is for the next claim. */
  readonly passed: Array<Task.TaskId>
  isUpToDate: boolean
  /** The task that is probably the next. */
  guess: Versioned | undefined
  /** Whether the last try left the guess to another claim, which had its row. */
  wasLeftOut: boolean
}

/** What the claims of a replica share: statements for several of them, and the tasks that were written last. */
export interface ClaimContext {
  readonly tryClaim: (one: ClaimTry) => Effect.Effect<typeof View.Type, Store.StoreUnavailable>
  readonly recent: RecentTasks
}

/** The claimed record of the guess. */
const claimedGuess = ({ claim, guess, now, taken }: Progress): Versioned | undefined => {
  const { daemonId, fenced, tokenHashes } = claim
  const tokenHash = tokenHashes[taken.length] ?? null
  return guess && { task: Task.claim(guess.task, { daemonId, fenced, tokenHash }, now), version: guess.version }
}

/** Tries to take a task together with other claims, or alone if it needs a key or was left out just before. */
const tryNext = (
  sql: SqlClient.SqlClient,
  { tryClaim }: ClaimContext,
  { claim, isUpToDate, now, passed, wasLeftOut }: Progress,
  next: Versioned | undefined
) => {
  const one: ClaimTry = { claim, next, passed, isUpToDate, now }
  return next !== undefined && (next.task.key !== null || wasLeftOut)
    ? tryAlone(sql, one, next.task, passed)
    : tryClaim(one)
}

const keepTaken = ({ recent }: ClaimContext, progress: Progress, { task, version }: Versioned) => {
  progress.taken.push(task)
  progress.passed.push(task.id)
  recent.set(task, version + 1)
  progress.wasLeftOut = false
  progress.guess = recent.next(progress.claim.runtimeIds, progress.now)
}

/** Delivers again what was lost, oldest first. Adds those that cannot be read to `passed`. */
const redeliver = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, { claim, now, passed, taken }: Progress) {
  const { tasks: found, unreadable } = yield* storedRows(sql`
    SELECT ${taskColumns(sql)} FROM tasks WHERE ${lost(sql, claim, passed, now)} ORDER BY created_at, id
      LIMIT ${claim.max - taken.length}`)
  passed.push(...unreadable)
  for (const stored of found) {
    const task = yield* changeTask(
      sql,
      stored.task.id,
      now,
      (current): readonly [Option.Option<Task.Task>, Task.Task] => {
        if (!Task.isRedeliverable(current, now)) return [Option.none(), current]
        const next = Task.redeliver(current, claim.tokenHashes[taken.length] ?? null, now)
        return [Option.some(next), next]
      },
      { stored }
    )
    for (const again of Option.toArray(Option.flatten(task))) {
      taken.push(again)
      passed.push(again.id)
    }
  }
})

/** The task that a look found; undefined: it cannot be read. */
const nextTask = (row: Parameters<typeof versionedOf>[0]) =>
  versionedOf(row).pipe(
    Effect.map(({ task }): Task.Task | undefined => task),
    Effect.catchIf(Schema.isSchemaError, () => Effect.succeed(undefined))
  )

/** Guesses the task that a try saw. Returns false if it saw none that this daemon may have. */
const guessSeen = Effect.fnUntraced(function*({ recent }: ClaimContext, progress: Progress, seen: typeof View.Type) {
  const { held, id, prompt, record, version } = seen
  const { claim, guess } = progress
  progress.wasLeftOut = id === guess?.task.id && version === guess?.version
  if (guess !== undefined && !progress.wasLeftOut) recent.delete(guess.task.id)
  if (claim.slots !== null && held >= claim.slots) return false
  if (id === null || prompt === null || version === null) return false
  const found = yield* nextTask({ record, prompt, version })
  progress.guess = found && { task: found, version }
  if (found === undefined) progress.passed.push(id)
  return true
})

/** How often one claim looks, at most: others may claim, and take keys, between a look and the step after it. */
const maxLooks = 500

/**
 * Takes tasks one after the other. Each is guessed from what this replica queued, or seen by a try before, and taken by a try in
 * which it still is the next one, unchanged: a task is taken once, and by its turn, whoever guesses. What was taken before a
 * failure is delivered again after its time.
 */
export const claimTasks = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  claim: Claim,
  context: ClaimContext,
  now: number
) {
  const { daemonId, max, runtimeIds } = claim
  const guess = context.recent.next(runtimeIds, now)
  const progress: Progress = { claim, now, taken: [], passed: [], isUpToDate: false, guess, wasLeftOut: false }
  for (let looks = 0; progress.taken.length < max && looks < maxLooks; looks++) {
    const next = claimedGuess(progress)
    const seen = yield* tryNext(sql, context, progress, next)
    if (seen === undefined) progress.guess = undefined
    else if (next !== undefined && seen.took) keepTaken(context, progress, next)
    else if (seen.late) progress.isUpToDate = yield* elapseLate(sql, { runtimeIds, daemonId, holders: true }, now)
    else if (seen.lost) yield* redeliver(sql, progress)
    else if (!(yield* guessSeen(context, progress, seen))) break
  }
  return progress.taken
})
