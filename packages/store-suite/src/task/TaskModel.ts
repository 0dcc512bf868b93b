import { type Identity, type Runtime, Task, type TaskEvent, type TaskQueue } from "@muster/domain"

/** An idempotency key and the task to which it refers. */
interface Once {
  readonly name: string
  readonly fingerprint: string
  readonly id: Task.TaskId
  readonly at: number
}

/** The log of a task, and the claim whose event with the number `next` comes next. */
export interface LogModel {
  readonly id: Task.TaskId
  readonly events: ReadonlyArray<TaskEvent.TaskEvent>
  readonly epoch: number
  readonly next: number
}

/**
 * The specification of a task queue: every record, the idempotency keys, and who was served on each runtime, earliest
 * first. Each operation is a pure function of the model and the time (epoch ms), simple rather than fast.
 */
export interface TaskModel {
  readonly tasks: ReadonlyArray<Task.Task>
  readonly once: ReadonlyArray<Once>
  readonly served: ReadonlyArray<{ readonly runtimeId: Runtime.RuntimeId; readonly by: Identity.UserId }>
  readonly logs: ReadonlyArray<LogModel>
}

export const empty: TaskModel = { tasks: [], once: [], served: [], logs: [] }

/** An operation's answer, and the model after it. */
export interface Step<A> {
  readonly model: TaskModel
  readonly answer: A
}

/** What became of an enqueue. */
export type Creation =
  | { readonly _tag: "Made"; readonly task: Task.Task; readonly created: boolean }
  | { readonly _tag: "IdempotencyConflict"; readonly id: Task.TaskId }
  | { readonly _tag: "TasksFull"; readonly bound: string; readonly max: number }

/** The model with every limit applied. */
export const at = (model: TaskModel, now: number): TaskModel => ({
  ...model,
  tasks: model.tasks.map((task) => Task.elapse(task, now))
})

const replace = (model: TaskModel, next: Task.Task): TaskModel => ({
  ...model,
  tasks: model.tasks.map((task) => task.id === next.id ? next : task)
})

const isOlder = (a: Task.Task, b: Task.Task): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

export const oldestFirst = (tasks: ReadonlyArray<Task.Task>) => tasks.toSorted(isOlder)

const isQueued = ({ state }: Task.Task) => state._tag === "Queued"

const fullOf = ({ tasks }: TaskModel, task: Task.NewTask) => {
  const queued = tasks.filter(isQueued)
  const counts = {
    runtime: queued.filter(({ runtimeId }) => runtimeId === task.runtimeId).length,
    workspace: queued.filter(({ workspaceId }) => workspaceId === task.workspaceId).length,
    key: queued.filter(({ key }) => key !== null && key === task.key).length
  }
  return (["runtime", "workspace", "key"] as const).find((bound) => counts[bound] >= Task.maxQueued[bound])
}

export const enqueue = (
  before: TaskModel,
  { idempotency, task: input }: TaskQueue.Enqueue,
  now: number
): Step<Creation> => {
  const model = at(before, now)
  const name = `${input.workspaceId} ${idempotency?.key}`
  const known = idempotency === null
    ? undefined
    : model.once.findLast((one) => one.name === name && now - one.at <= Task.times.idempotency)
  const task = model.tasks.find(({ id }) => id === known?.id)
  if (known !== undefined && task !== undefined) {
    return {
      model,
      answer: known.fingerprint === idempotency?.fingerprint
        ? { _tag: "Made", task, created: false }
        : { _tag: "IdempotencyConflict", id: task.id }
    }
  }
  const bound = fullOf(model, input)
  if (bound !== undefined) return { model, answer: { _tag: "TasksFull", bound, max: Task.maxQueued[bound] } }
  const made = Task.make(input, now)
  const once = idempotency === null ? [] : [{ name, fingerprint: idempotency.fingerprint, id: made.id, at: now }]
  return {
    model: { ...model, tasks: [...model.tasks, made], once: [...model.once, ...once] },
    answer: { _tag: "Made", task: made, created: true }
  }
}

export const find = (before: TaskModel, id: Task.TaskId, now: number): Step<Task.Task | undefined> => {
  const model = at(before, now)
  return { model, answer: model.tasks.find((task) => task.id === id) }
}

export const byToken = (before: TaskModel, hash: string, now: number): Step<Task.Task | undefined> => {
  const model = at(before, now)
  const isValid = ({ attempts, tokenHash }: Task.Task) =>
    tokenHash === hash && now - attempts.at(-1)!.claimedAt <= Task.times.token
  return { model, answer: model.tasks.find(isValid) }
}

export const list = (
  before: TaskModel,
  { cursor, filter, max, workspace }: {
    readonly workspace: Identity.WorkspaceId
    readonly filter: TaskQueue.TaskFilter
    readonly cursor: TaskQueue.TaskCursor | null
    readonly max: number
  },
  now: number
): Step<ReadonlyArray<Task.Task>> => {
  const model = at(before, now)
  const answer = oldestFirst(model.tasks).toReversed().filter((task) =>
    task.workspaceId === workspace &&
    (cursor === null || task.createdAt < cursor.createdAt ||
      (task.createdAt === cursor.createdAt && task.id < cursor.id)) &&
    (filter.runtimeId === undefined || task.runtimeId === filter.runtimeId) &&
    (filter.by === undefined || task.by === filter.by) &&
    (filter.statuses === undefined || filter.statuses.includes(Task.statusOf(task)))
  ).slice(0, max)
  return { model, answer }
}

export const counts = (before: TaskModel, runtimes: ReadonlyArray<Runtime.RuntimeId>, now: number) => {
  const model = at(before, now)
  const answer = runtimes.flatMap((runtimeId) => {
    const tasks = model.tasks.filter((task) => task.runtimeId === runtimeId)
    const [queued, active] = [tasks.filter(isQueued).length, tasks.filter(Task.isActive).length]
    return queued + active === 0 ? [] : [[runtimeId, { queued, active }] as const]
  })
  return { model, answer: new Map<Runtime.RuntimeId, TaskQueue.TaskCounts>(answer) }
}

export const active = (
  before: TaskModel,
  { keys, runtimeIds }: { readonly runtimeIds: ReadonlyArray<Runtime.RuntimeId>; readonly keys: ReadonlyArray<string> },
  now: number
): Step<ReadonlyArray<Task.Task>> => {
  const model = at(before, now)
  const found = model.tasks.filter((task) =>
    Task.isActive(task) && (runtimeIds.includes(task.runtimeId) || (task.key !== null && keys.includes(task.key)))
  )
  return { model, answer: oldestFirst(found) }
}

/** The tasks that a claim for these runtimes may take, apart from redeliveries. */
const ready = ({ tasks }: TaskModel, runtimes: ReadonlyArray<Runtime.RuntimeId>, now: number) => {
  const held = new Set(tasks.filter(Task.isActive).map(({ key }) => key).filter((key) => key !== null))
  return tasks.filter((task) =>
    runtimes.includes(task.runtimeId) && Task.isClaimable(task, now) && (task.key === null || !held.has(task.key))
  )
}

/** Whether a look must be true. It may be true more often. */
export const claimable = (before: TaskModel, runtimes: ReadonlyArray<Runtime.RuntimeId>, now: number): boolean => {
  const model = at(before, now)
  return ready(model, runtimes, now).length > 0 ||
    model.tasks.some((task) => runtimes.includes(task.runtimeId) && Task.isRedeliverable(task, now))
}

const nextOf = (model: TaskModel, runtimes: ReadonlyArray<Runtime.RuntimeId>, now: number): Task.Task | undefined => {
  const turnOf = ({ by, runtimeId }: Task.Task) =>
    model.served.findLastIndex((one) => one.by === by && one.runtimeId === runtimeId)
  const firsts = runtimes.flatMap((runtimeId) =>
    ready(model, [runtimeId], now)
      .toSorted((a, b) => b.priority - a.priority || turnOf(a) - turnOf(b) || isOlder(a, b)).slice(0, 1)
  )
  return firsts.toSorted((a, b) => b.priority - a.priority || isOlder(a, b))[0]
}

export const claim = (before: TaskModel, input: TaskQueue.ClaimTasks, now: number): Step<ReadonlyArray<Task.Task>> => {
  const { daemonId, fenced, max, runtimeIds, slots, tokenHashes } = input
  let model = at(before, now)
  const free = slots === null
    ? max
    : slots - model.tasks.filter((task) => task.daemonId === daemonId && Task.isActive(task)).length
  const answer: Array<Task.Task> = []
  const take = (task: Task.Task) => {
    answer.push(task)
    model = replace(model, task)
  }
  const lost = model.tasks.filter((task) =>
    task.daemonId === daemonId && runtimeIds.includes(task.runtimeId) && Task.isRedeliverable(task, now)
  )
  for (const task of oldestFirst(lost).slice(0, max)) {
    take(Task.redeliver(task, tokenHashes[answer.length] ?? null, now))
  }
  for (let room = Math.min(max - answer.length, free); room > 0; room--) {
    const next = nextOf(model, runtimeIds, now)
    if (next === undefined) break
    take(Task.claim(next, { daemonId, fenced, tokenHash: tokenHashes[answer.length] ?? null }, now))
    model = { ...model, served: [...model.served, { runtimeId: next.runtimeId, by: next.by }] }
  }
  return { model, answer }
}

export const beat = (
  before: TaskModel,
  daemonId: Identity.DaemonId,
  held: ReadonlyArray<TaskQueue.Held>,
  now: number
): Step<ReadonlyArray<TaskQueue.Held & { readonly order: Task.Order }>> => {
  let model = at(before, now)
  const answer = held.flatMap(({ epoch, id }) => {
    const task = model.tasks.find((one) => one.id === id)
    if (task?.daemonId !== daemonId) return [{ id, epoch, order: "stop" as const }]
    const { order, task: next } = Task.beat(task, epoch, now)
    model = replace(model, next)
    return order === null ? [] : [{ id, epoch, order }]
  })
  return { model, answer }
}

/** A fenced step by the rule of `Task`; undefined: no such task. */
export const step = (
  before: TaskModel,
  { epoch, id }: TaskQueue.Held,
  rule: (task: Task.Task, epoch: Task.Epoch, now: number) => Task.Fenced,
  now: number
): Step<Task.Fenced | undefined> => {
  const { answer: task, model } = find(before, id, now)
  if (task === undefined) return { model, answer: undefined }
  const answer = rule(task, epoch, now)
  return { model: answer._tag === "Done" ? replace(model, answer.task) : model, answer }
}

export const cancel = (
  before: TaskModel,
  workspace: Identity.WorkspaceId,
  id: Task.TaskId,
  by: Identity.UserId,
  now: number
): Step<Task.Task | undefined> => {
  const { answer: task, model } = find(before, id, now)
  if (task?.workspaceId !== workspace) return { model, answer: undefined }
  const next = Task.cancel(task, by, now)
  return { model: replace(model, next), answer: next }
}

export const reconcile = (
  before: TaskModel,
  { daemonId, held, runtimeIds, swept }: Parameters<TaskQueue.TaskQueue["Service"]["reconcile"]>[0],
  now: number
): Step<TaskQueue.Reconciled> => {
  const model = at(before, now)
  const mayGoOn = ({ epoch, id }: TaskQueue.Held) =>
    model.tasks.some((task) =>
      task.id === id && task.daemonId === daemonId && task.epoch === epoch && Task.isActive(task)
    )
  const orphaned = oldestFirst(
    model.tasks.filter((task) =>
      task.daemonId === daemonId && runtimeIds.includes(task.runtimeId) && Task.isActive(task) &&
      !held.some(({ epoch, id }) => id === task.id && epoch === task.epoch)
    )
  ).map((task) => Task.orphan(task, swept, now))
  return { model: orphaned.reduce(replace, model), answer: { stop: held.filter((one) => !mayGoOn(one)), orphaned } }
}

export const runtimesDeleted = (
  before: TaskModel,
  runtimes: ReadonlyArray<Runtime.RuntimeId>,
  now: number
): Step<ReadonlyArray<Task.Task>> => {
  const model = at(before, now)
  const ended = oldestFirst(model.tasks.filter((task) => runtimes.includes(task.runtimeId) && !Task.isTerminal(task)))
    .map((task) => Task.runtimeDeleted(task, now))
  return { model: ended.reduce(replace, model), answer: ended }
}

export const runtimesMerged = (
  before: TaskModel,
  merge: Task.Merge,
  now: number
): Step<ReadonlyArray<Task.Task>> => {
  const model = at(before, now)
  const moved = oldestFirst(model.tasks.filter((task) => task.runtimeId === merge.from && !Task.isTerminal(task)))
    .map((task) => Task.move(task, merge, now))
  return { model: moved.reduce(replace, model), answer: moved }
}

/** Which tasks ended before that moment: they are removed. */
export const expire = (before: TaskModel, moment: number, now: number): TaskModel => {
  const model = at(before, now)
  const tasks = model.tasks.filter(({ state }) => !("endedAt" in state) || state.endedAt >= moment)
  return { ...model, tasks, logs: model.logs.filter((log) => tasks.some(({ id }) => id === log.id)) }
}
