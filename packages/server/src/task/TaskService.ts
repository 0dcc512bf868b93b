import {
  Access,
  Api,
  Capabilities,
  type Identity,
  type Runtime,
  Task,
  TaskQueue,
  Wake,
  WireError
} from "@muster/domain"
import { Clock, Context, Duration, Effect, Layer, Option, Queue } from "effect"
import { Audit } from "../audit/Audit.ts"
import { Limits } from "../limit/Limits.ts"
import { Drains } from "../machine/Drains.ts"
import { requireAction } from "../runtime/requireAction.ts"
import type { RuntimeView } from "../runtime/RuntimeView.ts"
import { Draining } from "../socket/Draining.ts"
import { makePublishToDaemons } from "./publishTask.ts"
import { fingerprintOf, keyOf, type TaskInput } from "./TaskInput.ts"
import { unloadable } from "./TaskView.ts"

/** How often a waiting call reads the task without a wake. If every wake is lost, an answer is this late at most. */
const lookEvery = Duration.seconds(2)

/** What people do with tasks. Callers find the runtime or the task in the caller's workspace first. */
export class TaskService extends Context.Service<TaskService, {
  /** `idempotencyKey`: the caller's, of this person in this workspace; null: each call makes a task. */
  readonly create: (
    seen: RuntimeView,
    input: TaskInput,
    idempotencyKey: string | null
  ) => Effect.Effect<Task.Task, TaskService.Refused>
  /** A new task that asks for the same as one that has ended, by the caller. */
  readonly retry: (seen: RuntimeView, task: Task.Task) => Effect.Effect<Task.Task, TaskService.Refused>
  /** A terminal task does not change. */
  readonly cancel: (
    task: Task.Task,
    by: Identity.UserId
  ) => Effect.Effect<Task.Task, WireError.NotFound | WireError.ServerFault | WireError.BadRequest>
  /** The task as soon as it has ended, or unchanged when the wait (at most 60 s) is over or the server drains. */
  readonly awaitEnd: (
    task: Task.Task,
    wait: Duration.Duration
  ) => Effect.Effect<Task.Task, WireError.NotFound | WireError.ServerFault | WireError.BadRequest>
}>()("@muster/server/task/TaskService") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const { create, retry } = yield* makeCreation
      return TaskService.of({ create, retry, cancel: yield* makeCancel, awaitEnd: yield* makeAwaitEnd })
    })
  )
}

export declare namespace TaskService {
  type Refused =
    | WireError.BadRequest
    | WireError.Conflict
    | WireError.Forbidden
    | WireError.ServerFault
    | WireError.TooMany
}

/** What the audit log has of a task: no prompt, which may contain secrets. */
const noteOf = (task: Task.Task, runtime: Runtime.Runtime) => ({
  workspaceId: task.workspaceId,
  target: { kind: "task", id: task.id, name: null },
  details: {
    runtime_id: runtime.id,
    runtime_name: runtime.name,
    policy: task.policy,
    folder: task.folder,
    model: task.model,
    ...(task.retryOf !== null && { retry_of: task.retryOf })
  }
})

const refusedFull = ({ bound, max }: TaskQueue.TasksFull) => {
  const what = { runtime: "this runtime has", workspace: "this workspace has", key: "this key has" }[bound]
  const other = { runtime: "choose another runtime", workspace: "cancel some", key: "use another key" }[bound]
  return WireError.tooMany(
    `${what} ${max} queued tasks, which is the maximum: wait until some have started, or ${other}`
  )
}

const reused = ({ id }: TaskQueue.IdempotencyConflict) =>
  new WireError.Conflict({
    error:
      `this idempotency key was used for another task (${id}) within the last 24 hours: use a new key, or repeat ` +
      "the same body",
    code: "idempotency_conflict"
  })

const unsupported = (what: string) => Effect.fail(WireError.unsupported(`this runtime ${what}`))

/** Fails if the runtime's daemon is known not to run such tasks. */
const refuseUnable = ({ daemonId, metadata, provider }: Runtime.Runtime, { folder, policy }: TaskInput) => {
  const daemon = `its daemon (${Capabilities.daemonVersionInWords(metadata)})`
  const refuse = (what: string, next: string) => unsupported(`${what}: ${daemon} does not support it; ${next}`)
  const why = Api.whyNoTasks(metadata)
  if (why === "driver") {
    return unsupported(
      `cannot run tasks: ${daemon} cannot give work to ${provider}; choose another runtime, or update Muster on its machine`
    )
  }
  if (folder !== null && daemonId === null) {
    return unsupported("names no daemon, so it has no folders: leave out folder")
  }
  if (why === "daemon") return refuse("cannot run tasks", "update Muster on its machine")
  if (!Capabilities.lacks(metadata, Api.tasksCapability)) return Effect.void
  if (folder !== null) return refuse("cannot work in a folder of its machine", "leave out folder")
  return policy === "all" ? Effect.void : refuse(`cannot run tasks with the policy \`${policy}\``, "use `all`")
}

const makeCreation = Effect.gen(function*() {
  const access = yield* Access.Access
  const audit = yield* Audit
  const drains = yield* Drains
  const limits = yield* Limits
  const queue = yield* TaskQueue.TaskQueue
  const wakes = yield* makePublishToDaemons

  const enqueue = Effect.fnUntraced(function*(
    { runtime, userId }: RuntimeView,
    input: TaskInput,
    more: { readonly idempotencyKey: string | null; readonly retryOf: Task.TaskId | null }
  ) {
    yield* refuseUnable(runtime, input)
    yield* drains.refuse(runtime)
    yield* limits.take("person_requests", userId)
    yield* limits.take("workspace_requests", runtime.workspaceId)
    const { folder, policy, priority, prompt } = input
    const { created, task } = yield* queue.enqueue({
      task: {
        id: yield* Task.randomTaskId,
        workspaceId: runtime.workspaceId,
        runtimeId: runtime.id,
        by: userId,
        prompt,
        folder,
        model: input.model ?? runtime.defaultModel ?? null,
        policy,
        priority,
        key: keyOf(input, runtime),
        retryOf: more.retryOf
      },
      idempotency: more.idempotencyKey === null
        ? null
        : { key: `${userId}:${more.idempotencyKey}`, fingerprint: fingerprintOf(input) }
    }).pipe(Effect.catchTags({
      TasksFull: (full) => Effect.fail(refusedFull(full)),
      IdempotencyConflict: (conflict) => Effect.fail(reused(conflict)),
      StoreUnavailable: (cause) => Effect.fail(WireError.refusedOrFault("failed to queue task", cause))
    }))
    // A repeated call publishes again: the first wake may have been lost.
    yield* wakes([task])
    return { created, task }
  })

  return {
    create: Effect.fn("TaskService.create")(
      function*(seen: RuntimeView, input: TaskInput, idempotencyKey: string | null) {
        yield* requireAction(access, "use", seen)
        const { created, task } = yield* enqueue(seen, input, { idempotencyKey, retryOf: null })
        if (created) yield* audit.record({ action: "task.create", ...noteOf(task, seen.runtime) })
        return task
      }
    ),

    retry: Effect.fn("TaskService.retry")(function*(seen: RuntimeView, task: Task.Task) {
      yield* requireAction(access, "use", seen)
      if (!Task.isTerminal(task)) {
        return yield* WireError.conflict(
          `this task has not ended (it is ${Task.statusOf(task)}): wait until it has, or cancel it first`
        )
      }
      const prefix = `key:${task.workspaceId}:`
      const key = task.key?.startsWith(prefix) === true ? task.key.slice(prefix.length) : null
      const again = yield* enqueue(seen, { ...task, key }, { idempotencyKey: null, retryOf: task.id })
      yield* audit.record({ action: "task.retry", ...noteOf(again.task, seen.runtime) })
      return again.task
    })
  }
})

const makeCancel = Effect.gen(function*() {
  const audit = yield* Audit
  const queue = yield* TaskQueue.TaskQueue
  const wakes = yield* makePublishToDaemons
  return Effect.fn("TaskService.cancel")(function*(task: Task.Task, by: Identity.UserId) {
    const found = yield* queue.cancel(task.workspaceId, task.id, by).pipe(
      Effect.mapError((cause) => WireError.refusedOrFault("failed to cancel task", cause))
    )
    if (Option.isNone(found)) return yield* WireError.absent("task")
    yield* wakes([found.value])
    if (task.cancel === null && found.value.cancel !== null) {
      yield* audit.record({
        action: "task.cancel",
        workspaceId: task.workspaceId,
        target: { kind: "task", id: task.id, name: null },
        details: { runtime_id: task.runtimeId, status: Task.statusOf(task) }
      })
    }
    return found.value
  })
})

const makeAwaitEnd = Effect.gen(function*() {
  const draining = yield* Draining
  const queue = yield* TaskQueue.TaskQueue
  const wake = yield* Wake.Wake

  const load = Effect.fnUntraced(function*(id: Task.TaskId) {
    const found = yield* Effect.mapError(queue.find(id), unloadable)
    return Option.isSome(found) ? found.value : yield* WireError.absent("task")
  })

  return Effect.fn("TaskService.awaitEnd")(function*(task: Task.Task, wait: Duration.Duration) {
    if (Task.isTerminal(task) || Duration.isZero(wait)) return task
    const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(wait)
    return yield* Effect.scoped(Effect.gen(function*() {
      const wakes = yield* wake.subscribe([Wake.topic.task(task.id)])
      while (true) {
        const current = yield* load(task.id)
        const now = yield* Clock.currentTimeMillis
        if (Task.isTerminal(current) || now >= until || draining.begun()) return current
        const pause = Math.min(until - now, Duration.toMillis(lookEvery))
        yield* Effect.raceFirst(Queue.take(wakes), draining.await).pipe(Effect.timeoutOption(pause))
        yield* Queue.clear(wakes)
      }
    }))
  })
})
