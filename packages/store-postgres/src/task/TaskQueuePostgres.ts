import { Task, TaskCheck, TaskQueue } from "@muster/domain"
import { spanIfTraced } from "@muster/kit"
import { Clock, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { makeBatcher } from "../client/Batcher.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { changeRecent, changeTask, elapseAll, elapsed, elapseLate, type TaskStep } from "./changeTask.ts"
import { claimTasks, mayClaim, tryClaims } from "./claimTasks.ts"
import { type Creation, enqueueOnce, enqueueTasks } from "./enqueueTasks.ts"
import { expireTasks } from "./expireTasks.ts"
import { activeTasks, countTasks, listTasks } from "./listTasks.ts"
import { RecentTasks } from "./RecentTasks.ts"
import { storedRows, storedTask, storedTasks, taskColumns, type Versioned } from "./TaskRow.ts"
import { writeTasks } from "./writeTasks.ts"

type Queue = TaskQueue.TaskQueue["Service"]
type Held = TaskQueue.Held

/** How many tasks one call changes at once. */
const concurrency = 8

type Rule = (task: Task.Task, epoch: Task.Epoch, now: number) => Task.Fenced

/** The step of a call about one claim of a task. */
const stepOf = ({ epoch }: Held, now: number, rule: Rule): TaskStep<Task.Fenced> => (task) => {
  const answer = rule(task, epoch, now)
  return [answer, answer._tag === "Done" ? answer.task : task]
}

/** Runs a step per entry, in their order for one task, and some tasks at once. Returns the answers in the order given. */
const forEachHeld = <A, E>(held: ReadonlyArray<Held>, step: (one: Held) => Effect.Effect<A, E>) => {
  const groups = Map.groupBy(held.map((one, place) => ({ one, place })), ({ one }) => one.id)
  return Effect.forEach(
    groups.values(),
    (group) => Effect.forEach(group, ({ one, place }) => Effect.map(step(one), (answer) => ({ answer, one, place }))),
    { concurrency }
  )
    .pipe(Effect.map((answers) => answers.flat().toSorted((a, b) => a.place - b.place)))
}

const beat = (sql: SqlClient.SqlClient, daemon: Parameters<Queue["beat"]>[0], held: ReadonlyArray<Held>, now: number) =>
  Effect.map(
    forEachHeld(held, ({ epoch, id }) =>
      changeTask(sql, id, now, (task): readonly [Task.Order | null, Task.Task] => {
        if (task.daemonId !== daemon) return ["stop", task]
        const { order, task: next } = Task.beat(task, epoch, now)
        return [order, next]
      }).pipe(Effect.catchIf(Schema.isSchemaError, () => Effect.succeedSome(null)))),
    (answers) =>
      answers.flatMap(({ answer, one: { epoch, id } }) => {
        const order = Option.getOrElse(answer, () => "stop" as const)
        return order === null ? [] : [{ id, epoch, order }]
      })
  )

const byToken = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, hash: string, now: number) {
  const stored = yield* storedTask(sql`SELECT ${taskColumns(sql)} FROM tasks WHERE token_hash = ${hash}`)
  if (Option.isNone(stored)) return Option.none()
  const task = yield* changeTask(sql, stored.value.task.id, now, elapsed, { stored: stored.value })
  return Option.filter(
    task,
    ({ attempts, tokenHash }) => tokenHash === hash && now - (attempts.at(-1)?.claimedAt ?? 0) <= Task.times.token
  )
})

const isOlder = (a: Task.Task, b: Task.Task) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)

const reconcile = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { daemonId, held, runtimeIds, swept }: Parameters<Queue["reconcile"]>[0],
  now: number
) {
  const found = yield* Effect.forEach(
    held,
    (one) =>
      changeTask(sql, one.id, now, elapsed).pipe(
        Effect.map((task) => [{ one, task }]),
        // Nothing is known of one that cannot be read.
        Effect.catchIf(Schema.isSchemaError, () => Effect.succeed([]))
      ),
    { concurrency }
  )
  const stop = found.flat().filter(({ one, task }) =>
    Option.isNone(task) || task.value.daemonId !== daemonId || Task.isSuperseded(task.value, one.epoch) ||
    Task.isTerminal(task.value)
  ).map(({ one }) => one)
  yield* elapseLate(sql, { daemonId }, now)
  const active = yield* storedTasks(sql`
    SELECT ${taskColumns(sql)} FROM tasks
    WHERE daemon_id = ${daemonId} AND active AND runtime_id = ANY(${arrayOf(runtimeIds)}::uuid[])`)
  const isHeld = ({ epoch, id }: Task.Task) => held.some((one) => one.id === id && one.epoch === epoch)
  const orphaned = yield* Effect.forEach(
    active,
    (stored) =>
      changeTask(sql, stored.task.id, now, (task): readonly [Option.Option<Task.Task>, Task.Task] => {
        // Another call may have ended or claimed it meanwhile.
        if (!Task.isActive(task) || task.daemonId !== daemonId || isHeld(task) || task.epoch !== stored.task.epoch) {
          return [Option.none(), task]
        }
        const orphan = Task.orphan(task, swept, now)
        return [Option.some(orphan), orphan]
      }, { stored }),
    { concurrency }
  )
  return { stop, orphaned: orphaned.flatMap((one) => Option.toArray(Option.flatten(one))).toSorted(isOlder) }
})

/** Changes the unfinished tasks of runtimes that are gone, active ones first, at most `max`. Returns them. */
const changeAll = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { change, ids, max }: {
    readonly ids: TaskQueue.ClaimTasks["runtimeIds"]
    readonly max: number
    readonly change: (task: Task.Task) => Task.Task
  },
  now: number
) {
  yield* elapseLate(sql, { runtimeIds: ids }, now)
  const found = yield* storedTasks(sql`
    SELECT ${taskColumns(sql)} FROM tasks
    WHERE runtime_id = ANY(${arrayOf(ids)}::uuid[]) AND (status = 'Queued' OR active)
    ORDER BY active DESC, created_at, id
    LIMIT ${max}`)
  const changed = yield* Effect.forEach(
    found,
    (stored) =>
      changeTask(sql, stored.task.id, now, (task): readonly [Task.Task, Task.Task] => {
        const next = change(task)
        return [next, next]
      }, { stored }),
    { concurrency }
  )
  if (found.length < max) yield* sql`DELETE FROM task_served WHERE runtime_id = ANY(${arrayOf(ids)}::uuid[])`
  return changed.flatMap(Option.toArray).toSorted(isOlder)
})

const runtimesMerged = (sql: SqlClient.SqlClient, merges: ReadonlyArray<Task.Merge>, max: number, now: number) => {
  const byRuntime = new Map(merges.map((merge) => [merge.from, merge]))
  const change = (task: Task.Task) => {
    const merge = byRuntime.get(task.runtimeId)
    return merge === undefined ? task : Task.move(task, merge, now)
  }
  return changeAll(sql, { ids: [...byRuntime.keys()], max, change }, now)
}

/** How long after its limit a record that no replica could read is given up, in ms: another version may be able to. */
const unreadableFor = 24 * 60 * 60 * 1000

/** Ends tasks whose records cannot be read, so that they hold no key and no slot, and are removed with their time. */
const giveUp = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, ids: ReadonlyArray<string>, now: number) {
  const ended = yield* sql<{ readonly id: string }>`
    UPDATE tasks SET status = 'Failed', active = false, not_before = NULL, due = NULL, deadline = NULL, ended_at = ${now},
      token_hash = NULL, version = version + 1
    WHERE id = ANY(${arrayOf(ids)}::uuid[]) AND deadline < ${now - unreadableFor}
    RETURNING id`
  if (ended.length === 0) return
  yield* Effect.logWarning(`given up ${ended.length} tasks whose records cannot be read`).pipe(
    Effect.annotateLogs({ tasks: ended.slice(0, 10).map(({ id }) => id) })
  )
})

const sweep = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, max: number, now: number) {
  const { tasks, unreadable } = yield* storedRows(sql`
    SELECT ${taskColumns(sql)} FROM tasks WHERE deadline < ${now} ORDER BY deadline, created_at, id LIMIT ${max}`)
  if (unreadable.length > 0) yield* giveUp(sql, unreadable, now)
  return yield* elapseAll(sql, tasks, now)
})

/** The maximum number of calls in one statement. */
const maxBatch = 100

/** How many statements of one kind run at once. Those that create tasks take turns by the locks of their queues. */
const statements = 2

/** The characters of the largest part of a record. */
const sizeOfResult = ({ task: { state } }: Versioned) => "result" in state ? state.result?.text.length ?? 0 : 0

const asEnqueue = spanIfTraced("TaskQueue.enqueue")

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const recent = new RecentTasks()
  const add = yield* makeBatcher({
    operation: "TaskQueue.enqueue",
    max: maxBatch,
    sizeOf: ({ input }: Creation) => input.prompt.length,
    run: (creations) => asOperation("TaskQueue.enqueue")(enqueueTasks(sql, creations, recent))
  })
  const batched = <In, Out, E>(
    operation: string,
    run: (sql: SqlClient.SqlClient, inputs: ReadonlyArray<In>) => Effect.Effect<ReadonlyArray<Out>, E>,
    sizeOf: (input: In) => number
  ) =>
    makeBatcher({
      operation,
      max: maxBatch,
      statements,
      sizeOf,
      run: (inputs: ReadonlyArray<In>) => asOperation(operation)(run(sql, inputs))
    })
  const write = yield* batched("TaskQueue.change", writeTasks, sizeOfResult)
  const claims = {
    recent,
    tryClaim: yield* batched("TaskQueue.claim", tryClaims, ({ claim }) => 40 * claim.runtimeIds.length)
  }
  /** A call takes two deadlines at most: it reads the task only if what is remembered of it does not suffice. */
  const step = (operation: string, rule: Rule) => (held: Held) =>
    spanIfTraced(operation)(Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const change = stepOf(held, now, rule)
      return Effect.flatMap(changeRecent({ recent, write }, held.id, now, change), (answer) =>
        Option.isSome(answer)
          ? Effect.succeed(answer)
          : asOperation(operation)(changeTask(sql, held.id, now, change, { recent })))
    }))
  return TaskQueue.TaskQueue.of({
    enqueue: Effect.fnUntraced(function*({ idempotency, task: input }) {
      const now = yield* Clock.currentTimeMillis
      yield* Effect.fromResult(TaskCheck.record("TaskQueue.enqueue", Task.make(input, now)))
      return yield* idempotency === null
        ? Effect.flatMap(asEnqueue(add({ input, now })), Effect.fromResult)
        : asOperation("TaskQueue.enqueue")(enqueueOnce(sql, idempotency, { input, now }, recent))
    }),
    find: (id) => asOperationNow("TaskQueue.find", (now) => changeTask(sql, id, now, elapsed)),
    byToken: (hash) => asOperationNow("TaskQueue.byToken", (now) => byToken(sql, hash, now)),
    list: (workspace, filter, before, max) =>
      asOperationNow("TaskQueue.list", (now) => listTasks(sql, { workspace, filter, before, max }, now)),
    counts: (ids) => asOperationNow("TaskQueue.counts", (now) => countTasks(sql, ids, now)),
    active: (by, max) => asOperationNow("TaskQueue.active", (now) => activeTasks(sql, by, max, now)),
    claimable: (ids) => asOperationNow("TaskQueue.claimable", (now) => mayClaim(sql, ids, now)),
    claim: (input) => asOperationNow("TaskQueue.claim", (now) => claimTasks(sql, input, claims, now)),
    beat: (daemon, held) => asOperationNow("TaskQueue.beat", (now) => beat(sql, daemon, held, now)),
    renew: step("TaskQueue.renew", Task.renew),
    release: step("TaskQueue.release", Task.release),
    start: step("TaskQueue.start", Task.start),
    note: (held, note) => step("TaskQueue.note", (task, epoch, now) => Task.note(task, epoch, note, now))(held),
    settle: (held, outcome, note) =>
      step("TaskQueue.settle", (task, epoch, now) => Task.settleWithNote(task, epoch, outcome, note, now))(held),
    cancel: (workspace, id, by) =>
      asOperationNow("TaskQueue.cancel", (now) =>
        Effect.map(
          changeTask(sql, id, now, (task): readonly [Option.Option<Task.Task>, Task.Task] => {
            if (task.workspaceId !== workspace) return [Option.none(), task]
            const next = Task.cancel(task, by, now)
            return [Option.some(next), next]
          }),
          Option.flatten
        )),
    reconcile: (input) => asOperationNow("TaskQueue.reconcile", (now) => reconcile(sql, input, now)),
    runtimesDeleted: (ids, max) =>
      asOperationNow(
        "TaskQueue.runtimesDeleted",
        (now) => changeAll(sql, { ids, max, change: (task) => Task.runtimeDeleted(task, now) }, now)
      ),
    runtimesMerged: (merges, max) =>
      asOperationNow("TaskQueue.runtimesMerged", (now) => runtimesMerged(sql, merges, max, now)),
    sweep: (max) => asOperationNow("TaskQueue.sweep", (now) => sweep(sql, max, now)),
    expire: (before, max) => asOperation("TaskQueue.expire")(expireTasks(sql, before, max))
  })
})

/** Tasks in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const TaskQueuePostgres = {
  layer: Layer.effect(TaskQueue.TaskQueue, make)
}
