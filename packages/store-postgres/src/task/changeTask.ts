import { Task, TaskCheck } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { gaveUp } from "../client/Fault.ts"
import type { RecentTasks } from "./RecentTasks.ts"
import { derived, recordText, storedRows, storedTask, taskColumns, type Versioned } from "./TaskRow.ts"

/** How often a change is tried against other changes of the same task. */
const maxTries = 20

/** What a write of a record sets. */
export const assignments = (sql: SqlClient.SqlClient, task: Task.Task) => {
  const row = derived(task)
  return sql`
    record = ${recordText(task)}::jsonb, version = version + 1, runtime_id = ${row.runtimeId}, key = ${row.key},
    daemon_id = ${row.daemonId}, status = ${row.status}, active = ${row.active}, epoch = ${row.epoch},
    not_before = ${row.notBefore}, due = ${row.due}, deadline = ${row.deadline}, ended_at = ${row.endedAt},
    token_hash = ${row.tokenHash}`
}

/** Writes a record in place of a version. False: another change came first. Fails for one that could not be read again. */
const write = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, task: Task.Task, version: number) {
  yield* Effect.fromResult(TaskCheck.record("TaskQueue.change", task))
  const rows = yield* sql`
    UPDATE tasks SET ${assignments(sql, task)} WHERE id = ${task.id} AND version = ${version} RETURNING 1`
  return rows.length > 0
})

const read = (sql: SqlClient.SqlClient, id: Task.TaskId) =>
  storedTask(sql`SELECT ${taskColumns(sql)} FROM tasks WHERE id = ${id}`)

/** A step of a task: what it answers, and the record after it. */
export type TaskStep<A> = (task: Task.Task) => readonly [A, Task.Task]

/** What a step answered, and whether this call wrote. */
interface Changed<A> {
  readonly answer: A
  readonly wrote: boolean
}

const change = <A>(
  sql: SqlClient.SqlClient,
  id: Task.TaskId,
  now: number,
  step: TaskStep<A>,
  { recent, stored }: ChangeOptions
) =>
  Effect.gen(function*() {
    const known = stored ?? recent?.get(id)
    // What is remembered may be old: it suffices for a write, which then fails, and for nothing else.
    let isCertain = stored !== undefined
    let found = known === undefined ? yield* read(sql, id) : Option.some(known)
    if (known === undefined) isCertain = true
    for (let tries = 0; tries < maxTries; tries++) {
      if (Option.isNone(found)) return Option.none<Changed<A>>()
      const { task, version } = found.value
      const [answer, next] = step(Task.elapse(task, now))
      if (next === task && isCertain) return Option.some({ answer, wrote: false })
      if (next !== task && (yield* write(sql, next, version))) {
        recent?.set(next, version + 1)
        return Option.some({ answer, wrote: true })
      }
      found = yield* read(sql, id)
      isCertain = true
    }
    return yield* gaveUp("TaskQueue.change", "too many changes of one task at once")
  })

/** What a change may begin with instead of reading the task. */
export interface ChangeOptions {
  /** The task as it was just read. */
  readonly stored?: Versioned
  /** The tasks that this replica wrote last. */
  readonly recent?: RecentTasks
}

/**
 * Tries a step on what is remembered of a task, with a write that shares its statement with others. None: the task has to be
 * read, since it is not remembered, has changed, or the step changes nothing.
 */
export const changeRecent = <A, E>(
  { recent, write }: { readonly recent: RecentTasks; readonly write: (change: Versioned) => Effect.Effect<boolean, E> },
  id: Task.TaskId,
  now: number,
  step: TaskStep<A>
) =>
  Effect.suspend(() => {
    const known = recent.get(id)
    if (known === undefined) return Effect.succeedNone
    const [answer, next] = step(Task.elapse(known.task, now))
    if (next === known.task) return Effect.succeedNone
    return Effect.fromResult(TaskCheck.record("TaskQueue.change", next)).pipe(
      Effect.flatMap((task) => write({ task, version: known.version })),
      Effect.map((wrote) => {
        if (!wrote) return Option.none<A>()
        recent.set(next, known.version + 1)
        return Option.some(answer)
      })
    )
  })

/**
 * Applies the limits and a step to a task by compare-and-set, and answers what the step did. None: there is no such task.
 */
export const changeTask = <A>(
  sql: SqlClient.SqlClient,
  id: Task.TaskId,
  now: number,
  step: TaskStep<A>,
  options: ChangeOptions = {}
) => Effect.map(change(sql, id, now, step, options), Option.map(({ answer }) => answer))

/** The task with its limits applied, and persisted. */
export const elapsed = (task: Task.Task): readonly [Task.Task, Task.Task] => [task, task]

/** The same for several tasks that were just read. Returns those that this call changed. */
export const elapseAll = (sql: SqlClient.SqlClient, stored: ReadonlyArray<Versioned>, now: number) =>
  Effect.map(
    Effect.forEach(stored, (one) => change(sql, one.task.id, now, elapsed, { stored: one })),
    (tasks) => tasks.flatMap(Option.toArray).filter(({ wrote }) => wrote).map(({ answer }) => answer)
  )

/** How many tasks one call brings up to date before it reads. */
const maxLate = 500

type Fragment = Statement.Fragment

/** Which tasks a call reads. */
export interface Scope {
  readonly runtimeIds?: ReadonlyArray<Task.Task["runtimeId"]>
  readonly workspaceId?: Task.Task["workspaceId"]
  readonly daemonId?: Task.Task["daemonId"]
  readonly keys?: ReadonlyArray<string>
  /** All that hold a key. */
  readonly holders?: boolean
}

/** Applies the limits of the tasks in scope whose deadline has passed. False: there may be more of them. */
export const elapseLate = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, scope: Scope, now: number) {
  const { daemonId, holders, keys, runtimeIds, workspaceId } = scope
  const late = yield* Effect.suspend(() =>
    lateIn(
      sql,
      sql.or([
        ...(runtimeIds === undefined ? [] : [sql`runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[])`]),
        ...(workspaceId === undefined ? [] : [sql`workspace_id = ${workspaceId}`]),
        ...(daemonId == null ? [] : [sql`daemon_id = ${daemonId}`]),
        ...(keys === undefined || keys.length === 0 ? [] : [sql.in("key", keys)]),
        ...(holders === true ? [sql`(active AND key IS NOT NULL)`] : [])
      ]),
      now
    )
  )
  yield* elapseAll(sql, late.tasks, now)
  return late.rows < maxLate || late.tasks.length === 0
})

const lateIn = (sql: SqlClient.SqlClient, condition: Fragment, now: number) =>
  storedRows(sql`
    SELECT ${
    taskColumns(sql)
  } FROM tasks WHERE deadline < ${now} AND (${condition}) ORDER BY deadline LIMIT ${maxLate}`)
