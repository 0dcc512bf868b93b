import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { UserId } from "../access/Identity.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import * as Task from "../task/Task.ts"
import { TaskEvent } from "../task/TaskEvent.ts"
import { listOf, textOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, TaskAuth, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooLarge, TooMany, Unavailable } from "./WireError.ts"

/** The header under which a repeated call of `create` makes no second task. Source: the IETF's draft of that name. */
export const idempotencyHeader = "idempotency-key"

/** The maximum number of tasks in one page of a list, and of events in one page of a log. */
export const maxTasks = 200
export const maxEvents = 1_000

export const TaskStatus = Schema.Literals(Task.allStatuses)

const AttemptRecord = snakeKeys(Schema.Struct({
  number: Schema.Int,
  claimedAt: RequestTime,
  startedAt: Schema.NullOr(RequestTime),
  endedAt: Schema.NullOr(RequestTime),
  reason: Schema.NullOr(Task.Reason)
}))

const UsageRecord = snakeKeys(Schema.Struct({
  provider: Schema.String,
  model: Schema.String,
  inputTokens: Schema.Int,
  outputTokens: Schema.Int,
  cacheReadTokens: Schema.Int,
  cacheWriteTokens: Schema.Int,
  costUsd: Schema.optionalKey(Schema.Finite),
  meaning: Schema.optionalKey(Schema.Literals(["call", "turn", "session"]))
}))

const fields = {
  id: Task.TaskId,
  runtimeId: RuntimeId,
  /** Null: the runtime is gone. */
  runtimeName: Schema.NullOr(Schema.String),
  provider: Schema.NullOr(Schema.String),
  status: TaskStatus,
  prompt: Schema.String,
  folder: Schema.NullOr(Schema.String),
  model: Schema.NullOr(Schema.String),
  policy: Task.Policy,
  priority: Schema.Int,
  key: Schema.NullOr(Schema.String),
  createdBy: UserId,
  createdAt: RequestTime,
  updatedAt: RequestTime,
  startedAt: Schema.NullOr(RequestTime),
  endedAt: Schema.NullOr(RequestTime),
  retryOf: Schema.NullOr(Task.TaskId),
  attempts: listOf(AttemptRecord, Task.maxAttempts),
  cancelledBy: Schema.NullOr(UserId),
  /** Of a canceled task: whether its daemon confirmed that nothing of it runs; null: it is not canceled. */
  confirmed: Schema.NullOr(Schema.Boolean),
  reason: Schema.NullOr(Task.Reason),
  error: Schema.NullOr(Schema.String),
  /** The agent's last message; null: there is none yet. */
  text: Schema.NullOr(Schema.String),
  stopReason: Schema.NullOr(Schema.String),
  rejections: Schema.Int,
  usage: listOf(UsageRecord, Task.maxUsage * Task.maxAttempts),
  /** The provider's id of the agent's session; null: not known. */
  session: Schema.NullOr(Schema.String)
}

/** A task as people see it. */
export const TaskRecord = snakeKeys(Schema.Struct(fields))
export type TaskRecord = typeof TaskRecord.Type

export const CreateTask = snakeKeys(Schema.Struct({
  runtimeId: Word,
  /** 1 to 65,536 bytes in UTF-8; a longer one is refused with its number of bytes. */
  prompt: textOf(1024 * 1024),
  /** An absolute path that the owner of the machine listed in the daemon's configuration. */
  folder: Schema.optionalKey(Schema.NullOr(textOf(4_096))),
  /** Default: the runtime's default model, else the CLI's own. */
  model: Schema.optionalKey(Schema.NullOr(textOf(256))),
  /** Default: `all`. */
  policy: Schema.optionalKey(Task.Policy),
  /** −10 to 10, default 0. */
  priority: Schema.optionalKey(Schema.Int),
  /** Of the tasks of the workspace with one key, one runs at a time. Default: the folder. */
  key: Schema.optionalKey(Schema.NullOr(textOf(200)))
}))

/** A task and why it is where it is. */
export const TaskExplanation = snakeKeys(Schema.Struct({
  task: TaskRecord,
  /** One or two sentences for people. */
  text: Schema.String,
  /** What happens next by itself, and the latest time; null: nothing does. */
  next: Schema.NullOr(snakeKeys(Schema.Struct({ text: Schema.String, at: RequestTime })))
}))
export type TaskExplanation = typeof TaskExplanation.Type

/**
 * One entry of the stream of a task. `id:` of the server-sent event is the offset, where it has one:
 * - `task`: the record, at the start and at each change of its status
 * - `event`: an entry of the log
 * - `gap`: entries between `after` and `first` are no longer kept
 * - `end`: the task has ended and every entry of its log was sent; the stream ends
 */
export const TaskStreamItem = Schema.Union([
  Schema.Struct({ type: Schema.Literal("task"), task: TaskRecord }),
  Schema.Struct({ type: Schema.Literal("event"), event: TaskEvent }),
  Schema.Struct({ type: Schema.Literal("gap"), after: Schema.Int, first: Schema.Int }),
  Schema.Struct({ type: Schema.Literal("end"), task: TaskRecord })
])
export type TaskStreamItem = typeof TaskStreamItem.Type

const errors = [BadRequest, Forbidden, NotFound, ServerFault] as const
const params = { taskId: Word }

/** What an agent may call with the token of its task (`mtk_…`), which ends with the task. Every other call refuses it. */
export class OwnTaskApi extends HttpApiGroup.make("ownTask").add(
  HttpApiEndpoint.get("show", "/", { success: TaskRecord, error: [BadRequest, ServerFault] })
).middleware(TaskAuth).middleware(ReadableErrors).prefix("/api/task").annotateMerge(
  OpenApi.annotations({ title: "Tasks: for the agent", description: "The task whose token the call has." })
) {}

/** What people do with tasks. Every member sees those of the workspace. */
export class TaskApi extends HttpApiGroup.make("tasks").add(
  HttpApiEndpoint.post("create", "/", {
    headers: { [idempotencyHeader]: Schema.optionalKey(textOf(200)) },
    payload: CreateTask,
    success: TaskRecord,
    /** 409: the idempotency key was used for another task; 413: the prompt is too long; 429: too many are queued. */
    error: [...errors, Conflict, TooLarge, TooMany, Unavailable]
  }),
  HttpApiEndpoint.get("list", "/", {
    query: {
      runtime_id: Schema.optionalKey(Word),
      /** One or several statuses, separated by commas. */
      status: Schema.optionalKey(Word),
      /** `me`, or the id of a person. */
      by: Schema.optionalKey(Word),
      /** The `next` of the page before. */
      after: Schema.optionalKey(Word),
      /** 1 to 200; default 50. */
      limit: Schema.optionalKey(Word)
    },
    /** Newest first. A prompt, error or text of more than 1,000 characters is cut. */
    success: Schema.Struct({ tasks: listOf(TaskRecord, maxTasks), next: Schema.NullOr(Schema.String) }),
    error: errors
  }),
  HttpApiEndpoint.get("one", "/:taskId", {
    params,
    query: {
      /** Seconds, at most 60: respond as soon as the task has ended, or when the wait is over. */
      wait: Schema.optionalKey(Word)
    },
    success: TaskRecord,
    error: errors
  }),
  HttpApiEndpoint.get("explain", "/:taskId/explain", { params, success: TaskExplanation, error: errors }),
  HttpApiEndpoint.get("events", "/:taskId/events", {
    params,
    query: { after: Schema.optionalKey(Word), limit: Schema.optionalKey(Word) },
    success: Schema.Struct({
      events: listOf(TaskEvent, maxEvents),
      first: Schema.Int,
      last: Schema.Int
    }),
    error: errors
  }),
  /** The same as server-sent events: replay after `after` or the header `Last-Event-ID`, then live, until the end. */
  HttpApiEndpoint.get("stream", "/:taskId/stream", {
    params,
    query: { after: Schema.optionalKey(Word), workspace_id: Schema.optionalKey(Word) },
    headers: { "last-event-id": Schema.optionalKey(Word) },
    success: HttpApiSchema.StreamSse({ data: TaskStreamItem }),
    error: [...errors, TooMany, Unavailable]
  }),
  HttpApiEndpoint.post("cancel", "/:taskId/cancel", { params, success: TaskRecord, error: errors }),
  /** A new task that asks for the same. 409: the task has not ended. */
  HttpApiEndpoint.post("retry", "/:taskId/retry", {
    params,
    success: TaskRecord,
    error: [...errors, Conflict, TooMany, Unavailable]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/tasks").annotateMerge(
  OpenApi.annotations({ title: "Tasks", description: "Give a runtime's agent work, and follow it." })
) {}
