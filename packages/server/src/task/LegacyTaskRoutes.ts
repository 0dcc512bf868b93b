import {
  Access,
  Api,
  Capabilities,
  Codec,
  Masks,
  Security,
  Store,
  Task,
  TaskEvent,
  TaskLog,
  TaskQueue,
  Uuid,
  Wake,
  WireError
} from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Drains } from "../machine/Drains.ts"
import { reposOf } from "../runtime/reposOf.ts"
import { RuntimeAccess, runtimeIdFrom } from "../runtime/RuntimeAccess.ts"
import { bounded } from "./bounded.ts"
import { beyond, endOfLog } from "./endOfLog.ts"
import { legacyBodies } from "./legacyBodies.ts"
import { legacyClaim, legacyFailure, legacyStatus, legacyTask } from "./legacyTask.ts"
import { legacyTold, sinceFrom } from "./legacyTold.ts"
import { makePublishTask } from "./publishTask.ts"
import { makeReleasedKeys } from "./releasedKeys.ts"
import { makeTaskAccess } from "./TaskAccess.ts"

const failed = (what: string) => (cause: Store.StoreUnavailable) => WireError.refusedOrFault(what, cause)

/** A claim of one runtime's task. Source: `docs/protocol.md` 9.2. */
const claim = Effect.fnUntraced(function*(deps: Dependencies, text: string) {
  const { access, drains, publish, queue, runtimes } = deps
  const runtime = yield* runtimes.runtime(yield* Security.DaemonCaller, yield* runtimeIdFrom(text))
  const { daemonId, id } = runtime
  const unable = failed("failed to claim task")
  const isReady = daemonId !== null && runtime.status === "online" && !(yield* drains.holds(id))
  if (!isReady || !(yield* Effect.mapError(queue.claimable([id]), unable))) return { task: null }
  const [task] = yield* queue.claim({ daemonId, fenced: false, runtimeIds: [id], max: 1, slots: null, tokenHashes: [] })
    .pipe(Effect.mapError(unable))
  if (task === undefined) return { task: null }
  yield* publish(task)
  const workspace = yield* Effect.orElseSucceed(access.workspace(task.workspaceId), () => Option.none())
  return { task: legacyClaim(task, Option.isSome(workspace) ? reposOf(workspace.value).repos : []) }
})

/** A daemon of ours names what it still has (`inventory`): this call would take that for lost. */
const recover = Effect.fnUntraced(function*(
  { publish, queue, runtimes }: Dependencies,
  text: string,
  headers: Readonly<Record<string, string | undefined>>
) {
  const runtime = yield* runtimes.runtime(yield* Security.DaemonCaller, yield* runtimeIdFrom(text))
  const { daemonId, id } = runtime
  const isOurs = Capabilities.read(headers)?.includes(Api.tasksCapability) === true
  if (daemonId === null || isOurs) return { orphaned: 0, retried: 0 }
  const { orphaned } = yield* queue.reconcile({ daemonId, runtimeIds: [id], held: [], swept: false }).pipe(
    Effect.mapError(failed("recover orphans failed"))
  )
  yield* Effect.forEach(orphaned, publish, { discard: true })
  return {
    orphaned: orphaned.length,
    retried: orphaned.filter(({ state }) => state._tag === "Queued").length
  }
})

/** The maximum number of tasks in the list of pending ones. */
const maxPending = 200

const makeDependencies = Effect.gen(function*() {
  return {
    queue: yield* TaskQueue.TaskQueue,
    log: yield* TaskLog.TaskLog,
    wake: yield* Wake.Wake,
    runtimes: yield* RuntimeAccess,
    access: yield* Access.Access,
    drains: yield* Drains,
    own: yield* makeTaskAccess,
    publish: yield* makePublishTask,
    releasedKeys: yield* makeReleasedKeys
  }
})
type Dependencies = Effect.Success<typeof makeDependencies>

/** The caller's task as it is now. */
const load = Effect.fnUntraced(function*({ own, queue }: Dependencies, taskId: string) {
  const { id, runtime } = yield* own(yield* Security.DaemonCaller, taskId)
  const task = yield* Effect.mapError(queue.find(id), failed("failed to load task"))
  return Option.isSome(task) ? { task: task.value, runtime } : yield* WireError.absent("task")
})

/** The record after a step; a refused or superseded one has not changed it. */
const after = (
  task: Task.Task,
  answer: Option.Option<Task.Fenced>
): { readonly task: Task.Task; readonly done: boolean } =>
  Option.isSome(answer) && answer.value._tag === "Done"
    ? { task: answer.value.task, done: true }
    : { task, done: false }

/** Whether the present claim of the task is of a daemon whose calls name their claims: no call of this protocol is about it. */
const isOthers = ({ daemonId, fenced }: Task.Task) => daemonId !== null && fenced

/** The claim that a call is about: the present one, since the calls name none. Epoch 0 is no claim. */
const heldOf = (task: Task.Task): TaskQueue.Held => ({ id: task.id, epoch: isOthers(task) ? 0 : task.epoch })

const start = Effect.fnUntraced(function*(deps: Dependencies, taskId: string) {
  const { task } = yield* load(deps, taskId)
  const answer = yield* Effect.mapError(deps.queue.start(heldOf(task)), failed("start task"))
  const started = after(task, answer)
  if (!started.done) return yield* WireError.bad("start task: no rows in result set")
  yield* deps.publish(started.task)
  return legacyTask(started.task)
})

/** How many of the last events are read to continue them: texts of both kinds, and what may be between them. */
const continuedEvents = 8

/** The same of a report with the result of a tool: its call may be in an earlier one. */
const searchedEvents = 200

const fullLog = "the log of this task is full: what follows is not logged, the task goes on"

/** A log with fewer events is not full, whatever they are. */
const leastFull = Math.floor(TaskEvent.maxLogBytes / (TaskEvent.maxToolInput + TaskEvent.maxEventText))

/** Whether the log is full and does not say so. `expected`: the offset that its last event has if it is not full. */
const hasLost = Effect.fnUntraced(function*({ log }: Dependencies, task: Task.Task, expected: number) {
  if (expected < leastFull || (yield* log.read(task.id, beyond, 1)).last >= expected) return false
  const { bodies } = yield* endOfLog(log, task, searchedEvents)
  return !bodies.some((body) => body.kind === "notice" && body.text === fullLog)
})

/**
 * Its sequence numbers start again within a run and are not in order, so they are not used. What a report continues is in the
 * log, so any replica can take it; two reports of one task at the same time do not continue each other.
 */
const append = Effect.fnUntraced(function*(
  deps: Dependencies,
  taskId: string,
  messages: ReadonlyArray<Api.LegacyMessage>
) {
  if (messages.length === 0) return Api.ok
  const { task } = yield* load(deps, taskId)
  const at = yield* Clock.currentTimeMillis
  const hasResult = messages.some(({ type }) => type === "tool_result")
  const unable = failed("failed to store messages")
  const before = yield* Effect.mapError(
    endOfLog(deps.log, task, hasResult ? searchedEvents : continuedEvents),
    unable
  )
  const id = yield* Uuid.random
  let calls = 0
  const bodies = legacyBodies(messages, before.bodies, () => `${id}:${++calls}`)
  const store = (part: ReadonlyArray<TaskEvent.Body>) =>
    Effect.mapError(deps.log.appendUnnumbered(heldOf(task), part.map((body) => ({ at, body }))), unable)
  for (let from = 0; from < bodies.length; from += TaskEvent.maxAppendEvents) {
    yield* store(bodies.slice(from, from + TaskEvent.maxAppendEvents))
  }
  if (yield* Effect.mapError(hasLost(deps, task, before.last + bodies.length), unable)) {
    yield* store([{ kind: "notice", text: fullLog }])
  }
  yield* deps.wake.publish(Wake.topic.task(task.id))
  return Api.ok
})

/** The caller's task in the words of v0.3.1, from a message on. */
const told = Effect.fnUntraced(function*(deps: Dependencies, taskId: string, text: string | undefined) {
  const { task } = yield* load(deps, taskId)
  const { events } = yield* Effect.mapError(
    deps.log.read(task.id, yield* sinceFrom(text), Api.maxTold),
    failed("failed to list task messages")
  )
  return legacyTold(task.id, events)
})

const count = (value: number | undefined) => Math.min(Math.max(0, Math.trunc(value ?? 0)), Number.MAX_SAFE_INTEGER)

const note = Effect.fnUntraced(function*(deps: Dependencies, taskId: string, usage: ReadonlyArray<Api.LegacyUsage>) {
  const { task } = yield* load(deps, taskId)
  if (usage.length === 0) return Api.ok
  yield* Effect.mapError(
    deps.queue.note(heldOf(task), {
      usage: usage.slice(0, Task.maxUsage).map((one) => ({
        epoch: task.epoch,
        provider: Codec.goString(one.provider),
        model: Codec.goString(one.model),
        inputTokens: count(one.input_tokens),
        outputTokens: count(one.output_tokens),
        cacheReadTokens: count(one.cache_read_tokens),
        cacheWriteTokens: count(one.cache_write_tokens)
      }))
    }),
    failed("failed to store usage")
  )
  yield* deps.publish(task)
  return Api.ok
})

interface Place {
  readonly session_id?: string | null
  readonly work_dir?: string | null
}

const noteOf = ({ runtimeId }: Task.Task, { session_id, work_dir }: Place): Task.Note => {
  const id = Codec.goString(session_id)
  const folder = Codec.goString(work_dir)
  return id === "" ? {} : { session: { id, folder: folder === "" ? null : folder, runtimeId } }
}

const pin = Effect.fnUntraced(function*(deps: Dependencies, taskId: string, place: Place) {
  const { task } = yield* load(deps, taskId)
  if (Codec.goString(place.session_id) === "" && Codec.goString(place.work_dir) === "") {
    return yield* WireError.bad("session_id or work_dir required")
  }
  if (Task.isActive(task)) {
    yield* Effect.mapError(deps.queue.note(heldOf(task), noteOf(task, place)), failed("pin session failed"))
  }
})

/**
 * A look at the status is the sign of life of the task, and the way in which the daemon learns to stop: it does so at
 * `cancelled` only, which is also the answer when its claim is over.
 */
const status = Effect.fnUntraced(function*(deps: Dependencies, taskId: string) {
  const { task } = yield* load(deps, taskId)
  const stopped = { status: "cancelled" } as const
  if (isOthers(task) || (task.epoch > 0 && !Task.isActive(task))) return stopped
  if (task.daemonId !== null && Task.isActive(task)) {
    yield* Effect.mapError(deps.queue.beat(task.daemonId, [heldOf(task)]), failed("failed to load task"))
  }
  return { status: legacyStatus(task) }
})

/** A report of an end. In a state that does not allow it nothing changes, and the answer is the present record. */
const settle = Effect.fnUntraced(function*(deps: Dependencies, task: Task.Task, outcome: Task.Outcome, place: Place) {
  const answer = yield* Effect.mapError(
    deps.queue.settle(heldOf(task), outcome, noteOf(task, place)),
    failed("failed to settle task")
  )
  const settled = after(task, answer)
  if (settled.done) {
    yield* deps.publish(settled.task)
    yield* deps.releasedKeys([settled.task])
  }
  return legacyTask(settled.task)
})

/** In bytes. */
const maxError = 16_000

/** A text of a report of an end, masked and within its bound; if it is cut, the log says so before the end. */
const endText = Effect.fnUntraced(function*(
  deps: Dependencies,
  task: Task.Task,
  { max, text, what }: { readonly what: string; readonly text: string | null | undefined; readonly max: number }
) {
  const { notices, text: kept } = bounded(what, Masks.shapes.text(Store.cleanText(text ?? "")), max)
  if (notices.length > 0 && Task.isActive(task)) {
    const at = yield* Clock.currentTimeMillis
    const events = notices.map((body) => ({ at, body }))
    yield* Effect.mapError(deps.log.appendUnnumbered(heldOf(task), events), failed("failed to settle task"))
  }
  return kept
})

const pending = Effect.fnUntraced(function*({ queue, runtimes }: Dependencies, text: string) {
  const runtime = yield* runtimes.runtime(yield* Security.DaemonCaller, yield* runtimeIdFrom(text))
  const tasks = yield* queue.list(
    runtime.workspaceId,
    { statuses: ["queued", "dispatched"], runtimeId: runtime.id },
    null,
    maxPending
  ).pipe(Effect.mapError(failed("failed to list pending tasks")))
  const order = tasks.toSorted((a, b) => b.priority - a.priority || a.createdAt - b.createdAt)
  return order.map((task) => ({ ...legacyTask(task), workspace_id: "" }))
})

const unsure = WireError.fault("this server cannot tell whether this chat session is still wanted: keep its folder")

/**
 * Whether a folder of a chat may go. The daemon deletes it on any 404, so there is none: not for a chat of another server,
 * nor for one whose runtime is gone or is another person's now.
 */
const chatKept = (deps: Dependencies, taskId: string) =>
  load(deps, taskId).pipe(
    Effect.map(({ task }) =>
      ({ status: Task.isTerminal(task) ? "archived" : "active", updated_at: task.updatedAt }) as const
    ),
    Effect.catchIf(({ name }) => name === "NotFound", () => Effect.fail(unsure))
  )

/** The calls of a v0.3.1 daemon about one task. Source: `docs/protocol.md` 9.3–9.10. */
export const layerLegacyTaskRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "legacyTasks",
  Effect.fn(function*(handlers) {
    const deps = yield* makeDependencies
    return handlers.handleAll({
      claim: ({ params: { runtimeId } }) => claim(deps, runtimeId),
      recoverOrphans: ({ params: { runtimeId }, request }) => recover(deps, runtimeId, request.headers),
      start: ({ params: { taskId } }) => start(deps, taskId),
      progress: ({ params: { taskId } }) => Effect.as(load(deps, taskId), Api.ok),
      messages: ({ params: { taskId }, payload: { messages } }) => append(deps, taskId, messages ?? []),
      told: ({ params: { taskId }, query: { since } }) => told(deps, taskId, since),
      usage: ({ params: { taskId }, payload: { usage } }) => note(deps, taskId, usage ?? []),
      session: ({ params: { taskId }, payload }) => pin(deps, taskId, payload),
      status: ({ params: { taskId } }) => status(deps, taskId),
      complete: Effect.fnUntraced(function*({ params: { taskId }, payload }) {
        const { task } = yield* load(deps, taskId)
        const message = { what: "the agent's last message", text: payload.output, max: Task.maxResultText }
        const text = yield* endText(deps, task, message)
        const result = { text, stopReason: "end", rejections: 0 }
        return yield* settle(deps, task, { _tag: "Completed", result }, payload)
      }),
      fail: Effect.fnUntraced(function*({ params: { taskId }, payload }) {
        const { task } = yield* load(deps, taskId)
        const error = yield* endText(deps, task, { what: "the error", text: payload.error, max: maxError })
        return yield* settle(deps, task, legacyFailure(task, error, Codec.goString(payload.failure_reason)), payload)
      }),
      taskKept: ({ params: { taskId } }) =>
        Effect.map(load(deps, taskId), ({ task }) => ({
          status: legacyStatus(task),
          completed_at: "endedAt" in task.state ? task.state.endedAt : null
        })),
      chatKept: ({ params: { taskId } }) => chatKept(deps, taskId),
      pending: ({ params: { runtimeId } }) => pending(deps, runtimeId)
    })
  })
)
