import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { WorkspaceId } from "../access/Identity.ts"
import { snakeKeys } from "../codec/Snake.ts"
import * as Capabilities from "../runtime/Capabilities.ts"
import { maxRuntimesPerRegistration } from "../runtime/Registration.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import * as Task from "../task/Task.ts"
import { maxAppendEvents, Sent } from "../task/TaskEvent.ts"
import { listOf, textOf, Word } from "../text/BoundedText.ts"
import { AnyContentType, DaemonAuth, ReadableErrors } from "./Security.ts"
import { BadRequest, Conflict, NotFound, ServerFault, TooLarge } from "./WireError.ts"

/** The word in the header of capabilities by which a daemon says that it uses these calls. */
export const tasksCapability = "tasks-v1"

/**
 * Why a runtime is known to run no task at all; undefined: it is not known. `driver`: its daemon reported that it cannot give
 * this CLI work; `daemon`: its daemon is Muster's from before tasks. v0.3.1 daemons, which lack `ping`, run tasks in their own way.
 */
export const whyNoTasks = (metadata: Readonly<Record<string, unknown>>): "driver" | "daemon" | undefined =>
  metadata["runs_tasks"] === false
    ? "driver"
    : Capabilities.lacks(metadata, tasksCapability) && !Capabilities.lacks(metadata, "ping")
    ? "daemon"
    : undefined

/** The maximum number of tasks that a daemon has at once. */
export const maxHeld = 64

const HeldTask = Schema.Struct({ id: Task.TaskId, epoch: Task.Epoch })

/** What a daemon needs to work on a task. Fields that a v0.3.1 server would send besides are ignored. */
export const ClaimedTask = snakeKeys(Schema.Struct({
  id: Task.TaskId,
  epoch: Task.Epoch,
  attempt: Schema.Int,
  runtimeId: RuntimeId,
  workspaceId: WorkspaceId,
  prompt: Schema.String,
  folder: Schema.NullOr(Schema.String),
  model: Schema.NullOr(Schema.String),
  policy: Task.Policy,
  /** The provider's session to go on with; null: a new one. */
  session: Schema.NullOr(Schema.String),
  /** The credential of this task alone (`mtk_…`). Without it the task does not start. */
  token: Schema.NullOr(Schema.String)
}))
export type ClaimedTask = typeof ClaimedTask.Type

const ids = listOf(RuntimeId, maxRuntimesPerRegistration)

export const ClaimTasksBody = snakeKeys(Schema.Struct({
  daemonId: Word,
  runtimeIds: ids,
  /** The number of free slots, 1 to 32. */
  maxTasks: Schema.Int,
  /** The number of all slots, 1 to 1,000. Absent: a newer reference daemon, which then claims per runtime. */
  slots: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })))
}))

export const ClaimTasksReply = snakeKeys(Schema.Struct({
  tasks: listOf(ClaimedTask, Task.maxClaim),
  /** Those of `runtime_ids` whose row is provably absent: register again. */
  gone: ids
}))

export const TaskBeatBody = snakeKeys(Schema.Struct({ daemonId: Word, tasks: listOf(HeldTask, maxHeld) }))

/** One order: `cancel`: a person canceled it; `stop`: it is no longer yours. Repeated until the task is settled. */
export const TaskBeatReply = snakeKeys(Schema.Struct({
  orders: listOf(Schema.Struct({ ...HeldTask.fields, order: Schema.Literals(["cancel", "stop"]) }), maxHeld)
}))

export const InventoryBody = snakeKeys(Schema.Struct({
  daemonId: Word,
  runtimeIds: ids,
  tasks: listOf(HeldTask, maxHeld)
}))

export const InventoryReply = snakeKeys(Schema.Struct({
  stop: listOf(HeldTask, maxHeld),
  orphaned: Schema.Int,
  retried: Schema.Int
}))

const FencedBody = Schema.Struct({ epoch: Task.Epoch })

const UsageReport = snakeKeys(Schema.Struct({
  provider: textOf(100),
  model: textOf(256),
  inputTokens: Task.Count,
  outputTokens: Task.Count,
  cacheReadTokens: Task.Count,
  cacheWriteTokens: Task.Count,
  costUsd: Schema.optionalKey(Schema.Finite),
  meaning: Schema.optionalKey(Schema.Literals(["call", "turn", "session"]))
}))

const ResultReport = snakeKeys(Schema.Struct({
  /** At most `maxResultText` bytes in UTF-8; a longer one is refused with its number of bytes. */
  text: textOf(1024 * 1024),
  stopReason: Schema.NullOr(textOf(64)),
  rejections: Task.Count
}))

const OutcomeReport = Schema.Union([
  Schema.Struct({ type: Schema.Literal("completed"), result: ResultReport }),
  Schema.Struct({
    type: Schema.Literal("failed"),
    reason: Task.Reason,
    error: textOf(16_000),
    result: Schema.NullOr(ResultReport)
  }),
  Schema.Struct({ type: Schema.Literal("cancelled"), result: Schema.NullOr(ResultReport) })
])

const SessionReport = Schema.Struct({ id: textOf(512), folder: Schema.NullOr(textOf(4_096)) })

export const SettleBody = snakeKeys(Schema.Struct({
  epoch: Task.Epoch,
  outcome: OutcomeReport,
  usage: listOf(UsageReport, Task.maxUsage),
  session: Schema.NullOr(SessionReport)
}))
export type SettleBody = typeof SettleBody.Type

/**
 * The reply to a fenced call. `ok` false: `superseded`: the claim is over, stop its processes and forget it; otherwise
 * the present status, which does not allow the call.
 */
export const FencedReply = Schema.Struct({
  ok: Schema.Boolean,
  status: Schema.Union([Schema.Literals(Task.allStatuses), Schema.Literal("superseded")])
})
export type FencedReply = typeof FencedReply.Type

export const AppendBody = snakeKeys(Schema.Struct({
  epoch: Task.Epoch,
  events: listOf(Sent, maxAppendEvents)
}))

/** `next`: the number expected next. `gap`: nothing was stored, send again from `next`. `closed`: the task has ended. */
export const AppendReply = Schema.Struct({
  status: Schema.Literals(["ok", "gap", "superseded", "closed"]),
  next: Schema.Int
})
export type AppendReply = typeof AppendReply.Type

const errors = [BadRequest, NotFound, ServerFault, TooLarge] as const
const params = { taskId: Word }

/** What a daemon with the capability `tasks-v1` calls. The calls of v0.3.1 are beside them; see `docs/protocol.md` 9. */
export class DaemonTaskApi extends HttpApiGroup.make("daemonTasks").add(
  HttpApiEndpoint.post("claim", "/claim", { payload: ClaimTasksBody, success: ClaimTasksReply, error: errors }),
  HttpApiEndpoint.post("beat", "/beat", { payload: TaskBeatBody, success: TaskBeatReply, error: errors }),
  HttpApiEndpoint.post("inventory", "/inventory", { payload: InventoryBody, success: InventoryReply, error: errors }),
  HttpApiEndpoint.post("renew", "/:taskId/renew", { params, payload: FencedBody, success: FencedReply, error: errors }),
  HttpApiEndpoint.post("release", "/:taskId/release", {
    params,
    payload: FencedBody,
    success: FencedReply,
    error: errors
  }),
  HttpApiEndpoint.post("begin", "/:taskId/begin", { params, payload: FencedBody, success: FencedReply, error: errors }),
  HttpApiEndpoint.post("events", "/:taskId/events", {
    params,
    payload: AppendBody,
    success: AppendReply,
    error: errors
  }),
  HttpApiEndpoint.post("pin", "/:taskId/pin", {
    params,
    payload: Schema.Struct({ ...FencedBody.fields, session: SessionReport }),
    success: FencedReply,
    error: errors
  }),
  HttpApiEndpoint.post("settle", "/:taskId/settle", {
    params,
    payload: SettleBody,
    success: FencedReply,
    error: [...errors, Conflict]
  })
).middleware(DaemonAuth).middleware(ReadableErrors).middleware(AnyContentType).prefix("/api/daemon/tasks")
  .annotateMerge(
    OpenApi.annotations({
      title: "Daemons: tasks",
      description: "How a daemon claims tasks, reports on them and ends them."
    })
  )
{}
