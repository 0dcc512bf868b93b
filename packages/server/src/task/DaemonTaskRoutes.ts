import {
  Access,
  Api,
  type Identity,
  Masks,
  type Runtime,
  Security,
  type Store,
  Task,
  TaskEvent,
  TaskLog,
  TaskQueue,
  Wake,
  WireError
} from "@muster/domain"
import { bytesPassed } from "@muster/kit"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Drains } from "../machine/Drains.ts"
import { RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { maskedBody } from "./maskedBody.ts"
import { makePublishTask } from "./publishTask.ts"
import { makeReleasedKeys } from "./releasedKeys.ts"
import { makeTaskAccess } from "./TaskAccess.ts"
import { refuseLargeEvents, refuseLargeResult, shallowBody } from "./taskBounds.ts"
import { makeTaskTokens } from "./TaskTokens.ts"

const failed = (what: string) => (cause: Store.StoreUnavailable) => WireError.refusedOrFault(`failed to ${what}`, cause)

/** How many runtimes of one call are looked up at once. */
const lookups = 16

const makeDependencies = Effect.gen(function*() {
  return {
    queue: yield* TaskQueue.TaskQueue,
    log: yield* TaskLog.TaskLog,
    runtimes: yield* RuntimeAccess,
    drains: yield* Drains,
    wake: yield* Wake.Wake,
    access: yield* Access.Access,
    own: yield* makeTaskAccess,
    publish: yield* makePublishTask,
    releasedKeys: yield* makeReleasedKeys
  }
})
type Dependencies = Effect.Success<typeof makeDependencies>

/** The caller's runtimes among these, and those that are provably absent. Runtimes of others are left out. */
const ownRuntimes = Effect.fnUntraced(function*(
  { runtimes }: Dependencies,
  caller: Identity.Credential,
  daemonId: string,
  ids: ReadonlyArray<Runtime.RuntimeId>
) {
  const gone: Array<Runtime.RuntimeId> = []
  const found = yield* Effect.forEach(ids, (id) =>
    runtimes.runtime(caller, id).pipe(
      Effect.map((runtime) => runtime.daemonId === daemonId ? [runtime] : []),
      Effect.catchIf(({ name }) => name === "NotFound", (error) => {
        if (error.code === "runtime_not_found") gone.push(id)
        return Effect.succeed([])
      })
    ), { concurrency: lookups })
  return { own: found.flat(), gone }
})

/** The runtimes that may get new work: online, and on a machine that is not drained. */
const ready = ({ drains }: Dependencies, own: ReadonlyArray<Runtime.Runtime>) =>
  Effect.filter(
    own.filter(({ status }) => status === "online"),
    ({ id }) => Effect.map(drains.holds(id), (held) => !held)
  )

const claimedTask = (task: Task.Task, token: string | null): Api.ClaimedTask => ({
  id: task.id,
  epoch: task.epoch,
  attempt: task.attempts.length,
  runtimeId: task.runtimeId,
  workspaceId: task.workspaceId,
  prompt: task.prompt,
  folder: task.folder,
  model: task.model,
  policy: task.policy,
  session: task.session?.id ?? null,
  token
})

type ClaimBody = typeof Api.ClaimTasksBody.Type

const claim = Effect.fn("Server.claimTasks")(function*(
  deps: Dependencies,
  caller: Identity.Credential,
  { daemonId, maxTasks, runtimeIds, slots }: ClaimBody
) {
  // A reference daemon that claims for all runtimes at once: it falls back to claims per runtime.
  if (slots === undefined) return yield* WireError.noRoute()
  const { queue } = deps
  const { gone, own } = yield* ownRuntimes(deps, caller, daemonId, runtimeIds)
  const ids = (yield* ready(deps, own)).map(({ id }) => id)
  const max = Math.min(Math.max(1, maxTasks), Task.maxClaim)
  const none = { tasks: [], gone }
  if (ids.length === 0 || !(yield* Effect.mapError(queue.claimable(ids), failed("look for tasks")))) return none
  const tokens = yield* makeTaskTokens(max)
  const tasks = yield* queue.claim({
    daemonId: own[0]!.daemonId!,
    fenced: true,
    runtimeIds: ids,
    max,
    slots,
    tokenHashes: tokens.hashes
  }).pipe(Effect.mapError(failed("claim tasks")))
  yield* Effect.forEach(tasks, deps.publish, { discard: true })
  return { tasks: tasks.map((task) => claimedTask(task, tokens.secretOf(task.tokenHash))), gone }
})

type Held = TaskQueue.Held

/** The tasks among these that are the caller's. One that does not exist or is another daemon's is to be stopped. */
const ownTasks = Effect.fnUntraced(function*(
  { own }: Dependencies,
  caller: Identity.Credential,
  tasks: ReadonlyArray<Held>
) {
  const mine: Array<Held> = []
  const others: Array<Held> = []
  yield* Effect.forEach(tasks, (task) =>
    own(caller, task.id).pipe(
      Effect.tap(() => Effect.sync(() => mine.push(task))),
      Effect.catchIf(({ name }) => name === "NotFound", () => Effect.sync(() => others.push(task)))
    ), { concurrency: lookups, discard: true })
  return { mine, others }
})

const beat = Effect.fnUntraced(function*(
  deps: Dependencies,
  caller: Identity.Credential,
  { daemonId, tasks }: typeof Api.TaskBeatBody.Type
) {
  const { mine, others } = yield* ownTasks(deps, caller, tasks)
  const orders = mine.length === 0
    ? []
    : yield* Effect.mapError(deps.queue.beat(daemonId as Identity.DaemonId, mine), failed("note tasks"))
  return { orders: [...orders, ...others.map((task) => ({ ...task, order: "stop" as const }))] }
})

const inventory = Effect.fn("Server.taskInventory")(function*(
  deps: Dependencies,
  caller: Identity.Credential,
  { daemonId, runtimeIds, tasks }: typeof Api.InventoryBody.Type
) {
  const { own } = yield* ownRuntimes(deps, caller, daemonId, runtimeIds)
  const { mine, others } = yield* ownTasks(deps, caller, tasks)
  if (own.length === 0) return { stop: others, orphaned: 0, retried: 0 }
  const { orphaned, stop } = yield* deps.queue.reconcile({
    daemonId: own[0]!.daemonId!,
    runtimeIds: own.map(({ id }) => id),
    held: mine,
    swept: true
  }).pipe(Effect.mapError(failed("reconcile tasks")))
  yield* Effect.forEach(orphaned, deps.publish, { discard: true })
  return {
    stop: [...stop, ...others],
    orphaned: orphaned.length,
    retried: orphaned.filter(({ state }) => state._tag === "Queued").length
  }
})

type Step = (held: Held) => Effect.Effect<Option.Option<Task.Fenced>, Store.StoreUnavailable>

/** A call about one claim. */
const fenced = Effect.fnUntraced(function*(
  { own, publish, releasedKeys }: Dependencies,
  caller: Identity.Credential,
  { epoch, isShown = true, taskId, what }: {
    readonly taskId: string
    readonly epoch: number
    readonly what: string
    /** Whether the step changes what people see of the task. */
    readonly isShown?: boolean
  },
  step: Step
) {
  const { id } = yield* own(caller, taskId)
  const answer = yield* Effect.mapError(step({ id, epoch }), failed(what))
  if (Option.isNone(answer)) return yield* WireError.absent("task")
  const fence = answer.value
  switch (fence._tag) {
    case "Superseded":
      return { ok: false, status: "superseded" } satisfies Api.FencedReply
    case "Refused":
      return { ok: false, status: fence.status } satisfies Api.FencedReply
    case "Done":
      if (isShown) yield* publish(fence.task)
      yield* releasedKeys([fence.task])
      return { ok: true, status: Task.statusOf(fence.task) } satisfies Api.FencedReply
  }
})

const outcomeFrom = ({ outcome }: Api.SettleBody): Task.Outcome => {
  switch (outcome.type) {
    case "completed":
      return { _tag: "Completed", result: maskedResult(outcome.result)! }
    case "failed":
      return {
        _tag: "Failed",
        reason: outcome.reason,
        error: Masks.shapes.text(outcome.error),
        result: maskedResult(outcome.result)
      }
    case "cancelled":
      return { _tag: "Cancelled", result: maskedResult(outcome.result) }
  }
}

const maskedResult = (result: Task.Result | null): Task.Result | null =>
  result === null ? null : { ...result, text: Masks.shapes.text(result.text) }

const settle = Effect.fn("Server.settleTask")(function*(
  deps: Dependencies,
  caller: Identity.Credential,
  taskId: string,
  body: Api.SettleBody
) {
  const { epoch, outcome, session, usage } = body
  const { runtime } = yield* deps.own(caller, taskId)
  yield* refuseLargeResult(outcome.result)
  return yield* fenced(
    deps,
    caller,
    { taskId, epoch, what: "settle task" },
    (held) =>
      deps.queue.settle(held, outcomeFrom(body), {
        usage: usage.map((one) => ({ ...one, epoch })),
        ...(session !== null && { session: { ...session, runtimeId: runtime.id } })
      })
  )
})

/** How many bytes of garbage an appended byte leaves: the body as read, its events as read, masked and written. Measured with PGlite. */
const garbageOf = 8

const append = Effect.fnUntraced(function*(
  deps: Dependencies,
  caller: Identity.Credential,
  taskId: string,
  { epoch, events }: typeof Api.AppendBody.Type
) {
  const { id } = yield* deps.own(caller, taskId)
  const shallow = events.map((event) => ({ ...event, body: shallowBody(event.body) }))
  yield* refuseLargeEvents(shallow.map(({ body }) => body))
  const masked = shallow.map((event) => ({ ...event, body: maskedBody(event.body) }))
  bytesPassed(garbageOf * masked.reduce((sum, { body }) => sum + TaskEvent.sizeOf(body), 0))
  const appended = yield* Effect.mapError(deps.log.append({ id, epoch }, masked), failed("append events"))
  switch (appended._tag) {
    case "Appended":
      if (events.length > 0) yield* deps.wake.publish(Wake.topic.task(id))
      return { status: "ok", next: appended.next } satisfies Api.AppendReply
    case "Gap":
      return { status: "gap", next: appended.expected } satisfies Api.AppendReply
    case "Superseded":
      return { status: "superseded", next: 1 } satisfies Api.AppendReply
    case "Closed":
      return { status: "closed", next: 1 } satisfies Api.AppendReply
    case "Absent":
      return yield* WireError.absent("task")
  }
})

/** The calls of a daemon that says `tasks-v1`. */
export const layerDaemonTaskRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "daemonTasks",
  Effect.fn(function*(handlers) {
    const deps = yield* makeDependencies
    const { queue } = deps
    const caller = Security.DaemonCaller
    return handlers.handleAll({
      claim: ({ payload }) => Effect.flatMap(caller, (who) => claim(deps, who, payload)),
      beat: ({ payload }) => Effect.flatMap(caller, (who) => beat(deps, who, payload)),
      inventory: ({ payload }) => Effect.flatMap(caller, (who) => inventory(deps, who, payload)),
      renew: ({ params: { taskId }, payload: { epoch } }) =>
        Effect.flatMap(
          caller,
          (who) => fenced(deps, who, { taskId, epoch, what: "renew task", isShown: false }, queue.renew)
        ),
      release: ({ params: { taskId }, payload: { epoch } }) =>
        Effect.flatMap(caller, (who) => fenced(deps, who, { taskId, epoch, what: "release task" }, queue.release)),
      begin: ({ params: { taskId }, payload: { epoch } }) =>
        Effect.flatMap(caller, (who) => fenced(deps, who, { taskId, epoch, what: "start task" }, queue.start)),
      pin: Effect.fnUntraced(function*({ params: { taskId }, payload: { epoch, session } }) {
        const who = yield* caller
        const { runtime } = yield* deps.own(who, taskId)
        return yield* fenced(
          deps,
          who,
          { taskId, epoch, what: "note session" },
          (held) => queue.note(held, { session: { ...session, runtimeId: runtime.id } })
        )
      }),
      events: ({ params: { taskId }, payload }) => Effect.flatMap(caller, (who) => append(deps, who, taskId, payload)),
      settle: ({ params: { taskId }, payload }) => Effect.flatMap(caller, (who) => settle(deps, who, taskId, payload))
    })
  })
)
