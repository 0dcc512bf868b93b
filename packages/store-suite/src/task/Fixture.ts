import { Identity, Runtime, Task, type TaskQueue, Uuid } from "@muster/domain"
import { Effect, Option } from "effect"
import type { TaskNode, TaskNodes } from "./TaskBackend.ts"

/** A runtime that no other test uses. */
export const freshRuntime: Effect.Effect<Runtime.RuntimeId> = Effect.map(
  Uuid.random,
  (id) => Runtime.RuntimeId.make(id)
)

export const freshWorkspace: Effect.Effect<Identity.WorkspaceId> = Effect.map(
  Uuid.random,
  (id) => Identity.WorkspaceId.make(id)
)

export const freshDaemon: Effect.Effect<Identity.DaemonId> = Effect.map(
  Uuid.random,
  (id) => Identity.DaemonId.make(`box-${id}`)
)

const personOf = (digit: string) => Identity.UserId.make(`${digit.repeat(8)}-5f0e-4a57-8d9c-3d8f4f6b7a10`)
export const persons = { ada: personOf("a"), bob: personOf("b"), cyd: personOf("c") }

/** A prompt that a store may damage: quotes, lines, other alphabets. */
const prompt = "fix the größe 🧭 of \"quoted\" \\ back\nslash, é\u0301"

/** A task for this runtime, with these differences. */
export const newTask = (
  { runtimeId, workspaceId }: Pick<Task.Task, "workspaceId" | "runtimeId">,
  more: Partial<Task.NewTask> = {}
): Effect.Effect<Task.NewTask> =>
  Effect.map(Task.randomTaskId, (id) => ({
    id,
    workspaceId,
    runtimeId,
    by: persons.ada,
    prompt,
    folder: null,
    model: null,
    policy: "all",
    priority: 0,
    key: null,
    retryOf: null,
    ...more
  }))

/** One workspace with one runtime of one daemon, on two nodes. */
export interface Scene extends TaskNodes {
  readonly workspaceId: Identity.WorkspaceId
  readonly runtimeId: Runtime.RuntimeId
  readonly daemonId: Identity.DaemonId
}

export const scene = Effect.fnUntraced(function*<E, R>(nodes: Effect.Effect<TaskNodes, E, R>) {
  const found: Scene = {
    ...yield* nodes,
    workspaceId: yield* freshWorkspace,
    runtimeId: yield* freshRuntime,
    daemonId: yield* freshDaemon
  }
  return found
})

/** Enqueues a task with these differences; returns its record. */
export const enqueue = Effect.fnUntraced(function*(
  { queue }: TaskNode,
  to: Pick<Task.Task, "workspaceId" | "runtimeId">,
  more: Partial<Task.NewTask> = {}
) {
  const { task } = yield* queue.enqueue({ task: yield* newTask(to, more), idempotency: null })
  return task
})

/** Enqueues these in order. */
export const enqueueAll = (
  node: TaskNode,
  to: Pick<Task.Task, "workspaceId" | "runtimeId">,
  each: ReadonlyArray<Partial<Task.NewTask>>
) => Effect.forEach(each, (more) => enqueue(node, to, more))

/** A claim of the scene's daemon for its runtime, with these differences. */
export const claimOf = (
  { daemonId, runtimeId }: Pick<Scene, "daemonId" | "runtimeId">,
  more: Partial<TaskQueue.ClaimTasks> = {}
): TaskQueue.ClaimTasks => ({
  daemonId,
  fenced: true,
  runtimeIds: [runtimeId],
  max: 1,
  slots: null,
  tokenHashes: [],
  ...more
})

/** Enqueues a task and claims it. */
export const claimed = Effect.fnUntraced(function*(
  node: TaskNode,
  to: Scene,
  { claim, task }: { readonly task?: Partial<Task.NewTask>; readonly claim?: Partial<TaskQueue.ClaimTasks> } = {}
) {
  const { id } = yield* enqueue(node, to, task)
  const taken = yield* node.queue.claim(claimOf(to, claim))
  return taken.find((one) => one.id === id) ?? (yield* Effect.die(new Error("the task was not claimed")))
})

/** Enqueues a task, claims and starts it. */
export const started = Effect.fnUntraced(function*(...args: Parameters<typeof claimed>) {
  const [node] = args
  const task = yield* claimed(...args)
  return doneTask(yield* node.queue.start(task))
})

/** The record on the node; undefined: absent. */
export const look = ({ queue }: TaskNode, { id }: Pick<Task.Task, "id">) =>
  Effect.map(queue.find(id), Option.getOrUndefined)

/** What became of a step, in short: its tag, or the status that refused it. */
export const outcomeOf = (fenced: Option.Option<Task.Fenced>): string =>
  Option.match(fenced, {
    onNone: () => "Absent",
    onSome: (one) => one._tag === "Refused" ? `Refused: ${one.status}` : one._tag
  })

/** The record after a step that must have succeeded. */
export const doneTask = (fenced: Option.Option<Task.Fenced>): Task.Task => {
  if (Option.isSome(fenced) && fenced.value._tag === "Done") return fenced.value.task
  throw new Error(`the step was not done: ${outcomeOf(fenced)}`)
}

export const result: Task.Result = { text: "done: größe 🧭\n", stopReason: "end", rejections: 2 }
export const completed: Task.Outcome = { _tag: "Completed", result }
export const stopped: Task.Outcome = { _tag: "Cancelled", result: { ...result, stopReason: "cancelled" } }
export const failedAs = (reason: Task.Reason): Task.Outcome => ({
  _tag: "Failed",
  reason,
  error: "the CLI said: größe ✗",
  result: null
})

/** Usage of this claim. */
export const usageOf = (epoch: number, model = "gpt-x"): Task.Usage => ({
  epoch,
  provider: "codex",
  model,
  inputTokens: 1_200,
  outputTokens: 30,
  cacheReadTokens: 1_000,
  cacheWriteTokens: 0,
  costUsd: 0.0125,
  meaning: "turn"
})

/** Every other one is node B's. */
export const alternate = ({ a, b }: TaskNodes, count: number): ReadonlyArray<TaskNode> =>
  Array.from({ length: count }, (_, i) => i % 2 === 0 ? a : b)

/** Runs all concurrently and returns their answers. */
export const together = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

export const idsOf = (tasks: ReadonlyArray<Pick<Task.Task, "id">>): ReadonlyArray<Task.TaskId> =>
  tasks.map(({ id }) => id)
