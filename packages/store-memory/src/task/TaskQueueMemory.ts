import { type Store, Task, TaskCheck, TaskQueue } from "@muster/domain"
import { Clock, Effect, Layer, Option, Result } from "effect"
import { claimTasks, mayClaim } from "./TaskClaims.ts"
import { byAge, makeEntry } from "./TaskEntry.ts"
import { activeTasks, countTasks, listTasks } from "./TaskReads.ts"
import type { TaskState } from "./TaskState.ts"

type Held = TaskQueue.Held

/** The bound that one more queued task would exceed. */
const fullOf = (state: TaskState, { key, runtimeId, workspaceId }: Task.NewTask): TaskQueue.TasksFull | undefined => {
  const queued = {
    runtime: state.laneAsIs(runtimeId)?.queued.size ?? 0,
    workspace: state.queuedIn(workspaceId),
    key: key === null ? 0 : state.keys.queuedOf(key)
  }
  const bound = (["runtime", "workspace", "key"] as const).find((name) => queued[name] >= Task.maxQueued[name])
  return bound === undefined ? undefined : new TaskQueue.TasksFull({ bound, max: Task.maxQueued[bound] })
}

const enqueue = (
  state: TaskState,
  { idempotency, task: input }: TaskQueue.Enqueue,
  now: number
): Result.Result<
  { readonly task: Task.Task; readonly created: boolean },
  TaskQueue.TasksFull | TaskQueue.IdempotencyConflict | Store.StoreUnavailable
> => {
  const made = TaskCheck.record("TaskQueue.enqueue", Task.make(input, now))
  if (Result.isFailure(made)) return Result.fail(made.failure)
  const once = idempotency === null ? null : `${input.workspaceId} ${idempotency.key}`
  const known = once === null ? undefined : state.findOnce(once)
  if (known !== undefined && now - known.task.createdAt <= Task.times.idempotency) {
    if (known.fingerprint !== idempotency?.fingerprint) {
      return Result.fail(new TaskQueue.IdempotencyConflict({ id: known.task.id }))
    }
    state.elapse(known, now)
    return Result.succeed({ task: known.task, created: false })
  }
  state.lane(input.runtimeId, now)
  state.elapseHolders(now)
  // What is counted may be over.
  if (fullOf(state, input) !== undefined) state.sweep(now, Infinity)
  const full = fullOf(state, input)
  if (full !== undefined) return Result.fail(full)
  const entry = makeEntry(made.success, { fingerprint: idempotency?.fingerprint ?? null, once })
  state.add(entry)
  return Result.succeed({ task: entry.task, created: true })
}

const findToken = (state: TaskState, hash: string, now: number): Task.Task | undefined => {
  const entry = state.findToken(hash)
  if (entry === undefined) return undefined
  state.elapse(entry, now)
  const claimedAt = entry.task.attempts.at(-1)?.claimedAt ?? 0
  return entry.task.tokenHash === hash && now - claimedAt <= Task.times.token ? entry.task : undefined
}

const beat = (state: TaskState, daemon: TaskQueue.ClaimTasks["daemonId"], held: ReadonlyArray<Held>, now: number) =>
  held.flatMap(({ epoch, id }) => {
    const entry = state.find(id, now)
    if (entry === undefined || entry.task.daemonId !== daemon) return [{ id, epoch, order: "stop" as const }]
    const { order, task } = Task.beat(entry.task, epoch, now)
    state.write(entry, task)
    return order === null ? [] : [{ id, epoch, order }]
  })

const step = (
  state: TaskState,
  { epoch, id }: Held,
  rule: (task: Task.Task, epoch: Task.Epoch, now: number) => Task.Fenced
) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const entry = state.find(id, now)
    if (entry === undefined) return Effect.succeedNone
    const fenced = rule(entry.task, epoch, now)
    if (fenced._tag !== "Done" || fenced.task === entry.task) return Effect.succeedSome(fenced)
    return Effect.map(Effect.fromResult(TaskCheck.record("TaskQueue.change", fenced.task)), () => {
      state.write(entry, fenced.task)
      return Option.some<Task.Fenced>(fenced)
    })
  })

const cancel = (
  state: TaskState,
  { by, id, workspace }:
    & { readonly workspace: Task.Task["workspaceId"]; readonly id: Task.TaskId }
    & Pick<Task.Task, "by">,
  now: number
): Option.Option<Task.Task> => {
  const entry = state.find(id, now)
  if (entry === undefined || entry.task.workspaceId !== workspace) return Option.none()
  state.write(entry, Task.cancel(entry.task, by, now))
  return Option.some(entry.task)
}

const reconcile = (
  state: TaskState,
  { daemonId, held, runtimeIds, swept }: Parameters<TaskQueue.TaskQueue["Service"]["reconcile"]>[0],
  now: number
): TaskQueue.Reconciled => {
  const stop = held.filter(({ epoch, id }) => {
    const task = state.find(id, now)?.task
    return task === undefined || task.daemonId !== daemonId || Task.isSuperseded(task, epoch) || Task.isTerminal(task)
  })
  const isHeld = ({ epoch, id }: Task.Task) => held.some((one) => one.id === id && one.epoch === epoch)
  const orphans = [...state.activeOf(daemonId, now)].filter(({ task }) =>
    runtimeIds.includes(task.runtimeId) && !isHeld(task)
  )
  for (const entry of orphans) state.write(entry, Task.orphan(entry.task, swept, now))
  return { stop, orphaned: orphans.map(({ task }) => task).toSorted(byAge) }
}

/** Changes the unfinished tasks of these runtimes, active ones first, at most `max`. Returns them. */
const changeAll = (
  state: TaskState,
  { change, ids, max }: {
    readonly ids: TaskQueue.ClaimTasks["runtimeIds"]
    readonly max: number
    readonly change: (task: Task.Task) => Task.Task
  },
  now: number
) => {
  const lanes = ids.map((id) => state.lane(id, now)).filter((lane) => lane !== undefined)
  const entries = [...lanes.flatMap(({ active }) => [...active]), ...lanes.flatMap(({ queued }) => [...queued])]
    .slice(0, max)
  for (const entry of entries) state.write(entry, change(entry.task))
  return entries.map(({ task }) => task).toSorted(byAge)
}

const moveTasks = (state: TaskState, merges: ReadonlyArray<Task.Merge>, max: number, now: number) => {
  const byRuntime = new Map(merges.map((merge) => [merge.from, merge]))
  const change = (task: Task.Task) => Task.move(task, byRuntime.get(task.runtimeId)!, now)
  return changeAll(state, { ids: [...byRuntime.keys()], max, change }, now)
}

const expire = (state: TaskState, before: number, max: number): TaskQueue.Expired => {
  let tasks = 0
  let events = 0
  for (let first = state.firstEnd(); first !== undefined && first.endedAt < before; first = state.firstEnd()) {
    events += first.log.events.length
    if (tasks >= max || (tasks > 0 && events > Task.maxExpired)) return { tasks, isDone: false }
    state.forget(first)
    tasks++
  }
  return { tasks, isDone: true }
}

const at = Clock.currentTimeMillis

const make = (state: TaskState) =>
  TaskQueue.TaskQueue.of({
    enqueue: (input) => Effect.flatMap(at, (now) => Effect.fromResult(enqueue(state, input, now))),
    find: (id) => Effect.map(at, (now) => Option.fromUndefinedOr(state.find(id, now)?.task)),
    byToken: (hash) => Effect.map(at, (now) => Option.fromUndefinedOr(findToken(state, hash, now))),
    list: (workspace, filter, before, max) =>
      Effect.map(at, (now) => listTasks(state, { workspace, filter, before, max }, now)),
    counts: (runtimes) => Effect.map(at, (now) => countTasks(state, runtimes, now)),
    active: (by, max) => Effect.map(at, (now) => activeTasks(state, by, now).slice(0, max)),
    claimable: (runtimes) => Effect.map(at, (now) => mayClaim(state, runtimes, now)),
    claim: (input) => Effect.map(at, (now) => claimTasks(state, input, now)),
    beat: (daemon, held) => Effect.map(at, (now) => beat(state, daemon, held, now)),
    renew: (held) => step(state, held, Task.renew),
    release: (held) => step(state, held, Task.release),
    start: (held) => step(state, held, Task.start),
    note: (held, note) => step(state, held, (task, epoch, now) => Task.note(task, epoch, note, now)),
    settle: (held, outcome, note) =>
      step(state, held, (task, epoch, now) => Task.settleWithNote(task, epoch, outcome, note, now)),
    cancel: (workspace, id, by) => Effect.map(at, (now) => cancel(state, { workspace, id, by }, now)),
    reconcile: (input) => Effect.map(at, (now) => reconcile(state, input, now)),
    runtimesDeleted: (ids, max) =>
      Effect.map(at, (now) => changeAll(state, { ids, max, change: (task) => Task.runtimeDeleted(task, now) }, now)),
    runtimesMerged: (merges, max) => Effect.map(at, (now) => moveTasks(state, merges, max, now)),
    sweep: (max) => Effect.map(at, (now) => state.sweep(now, max).map(({ task }) => task)),
    expire: (before, max) => Effect.sync(() => expire(state, before, max))
  })

/**
 * Tasks in this process's memory. Every operation is one synchronous step, so it is atomic; a claim takes O(log n) per
 * task and runtime. Nothing outlives the process; memory is bounded by `maxQueued`, by what daemons hold, and by
 * `expire`.
 */
export const TaskQueueMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: TaskState): Layer.Layer<TaskQueue.TaskQueue> => Layer.succeed(TaskQueue.TaskQueue, make(state))
}
