import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { goText } from "../codec/Go.ts"
import { RequestTime } from "../codec/Time.ts"
import * as Task from "../task/Task.ts"
import { keptOutput } from "../task/TaskEvent.ts"
import { cutTextOf, listOf, reportedName, textOf, Word } from "../text/BoundedText.ts"
import { AnyContentType, DaemonAuth, ReadableErrors } from "./Security.ts"
import { BadRequest, NotFound, ServerFault, TooLarge } from "./WireError.ts"

const Json = Schema.Record(Schema.String, Schema.Json)

/** A task as a v0.3.1 daemon reads it, in the form of a chat. Source: `docs/protocol.md` 9.2. */
export const LegacyTask = Json

export const LegacyStatus = Schema.Literals(["queued", "dispatched", "running", "completed", "failed", "cancelled"])

/** The maximum number of entries of one report of a v0.3.1 daemon. */
const maxMessages = 10_000
const maxLegacyUsage = 100

const message = Schema.Struct({
  type: goText(reportedName(64)),
  tool: goText(reportedName(256)),
  /** As long as a body may be; a long one is stored in pieces. */
  content: goText(textOf(1024 * 1024)),
  input: Schema.optionalKey(Schema.NullOr(Json)),
  output: goText(cutTextOf(keptOutput))
})
export type LegacyMessage = typeof message.Type

/** A message as it is listed. `seq` is its position in the log of the task. */
const told = Schema.Struct({
  task_id: Task.TaskId,
  seq: Schema.Int,
  type: Schema.Literals(["thinking", "text", "tool_use", "tool_result", "error"]),
  tool: Schema.optionalKey(Schema.String),
  content: Schema.optionalKey(Schema.String),
  input: Schema.optionalKey(Json),
  output: Schema.optionalKey(Schema.String)
})
export type LegacyTold = typeof told.Type

/** The maximum number of messages in one list. */
export const maxTold = 1_000

const count = Schema.optionalKey(Schema.Finite)

const usage = Schema.Struct({
  provider: goText(textOf(100)),
  model: goText(textOf(256)),
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count
})
export type LegacyUsage = typeof usage.Type

const place = { session_id: goText(textOf(512)), work_dir: goText(textOf(4_096)) }

const errors = [BadRequest, NotFound, ServerFault, TooLarge] as const
const params = { taskId: Word }
const done = Schema.Struct({ status: Schema.Literal("ok") })

const task = (name: string) => `/tasks/:taskId/${name}` as const

/** What a v0.3.1 daemon calls while it works on a task. Source: `docs/protocol.md` 9.3–9.10. */
export class LegacyTaskApi extends HttpApiGroup.make("legacyTasks").add(
  /** At most one task, in the form of a chat. */
  HttpApiEndpoint.post("claim", "/runtimes/:runtimeId/tasks/claim", {
    params: { runtimeId: Word },
    success: Schema.Struct({ task: Schema.NullOr(LegacyTask) }),
    error: errors
  }),
  /** What ran on the runtime before the daemon's start is lost. Does nothing for a daemon that sends its inventory. */
  HttpApiEndpoint.post("recoverOrphans", "/runtimes/:runtimeId/recover-orphans", {
    params: { runtimeId: Word },
    success: Schema.Struct({ orphaned: Schema.Int, retried: Schema.Int }),
    error: errors
  }),
  HttpApiEndpoint.post("start", task("start"), { params, success: LegacyTask, error: errors }),
  HttpApiEndpoint.post("progress", task("progress"), { params, success: done, error: errors }),
  HttpApiEndpoint.post("messages", task("messages"), {
    params,
    payload: Schema.Struct({
      messages: Schema.optionalKey(Schema.NullOr(listOf(message, maxMessages)))
    }),
    success: done,
    error: errors
  }),
  /** At most 1,000 and about 1 MiB, by `seq`: ask for the rest with the last one. */
  HttpApiEndpoint.get("told", task("messages"), {
    params,
    query: { since: Schema.optionalKey(Word) },
    success: listOf(told, maxTold),
    error: errors
  }),
  HttpApiEndpoint.post("usage", task("usage"), {
    params,
    payload: Schema.Struct({ usage: Schema.optionalKey(Schema.NullOr(listOf(usage, maxLegacyUsage))) }),
    success: done,
    error: errors
  }),
  HttpApiEndpoint.post("session", task("session"), {
    params,
    payload: Schema.Struct(place),
    success: HttpApiSchema.NoContent,
    error: errors
  }),
  HttpApiEndpoint.get("status", task("status"), {
    params,
    success: Schema.Struct({ status: LegacyStatus }),
    error: errors
  }),
  HttpApiEndpoint.post("complete", task("complete"), {
    params,
    payload: Schema.Struct({ output: goText(cutTextOf(Task.maxResultText)), ...place }),
    success: LegacyTask,
    error: errors
  }),
  HttpApiEndpoint.post("fail", task("fail"), {
    params,
    payload: Schema.Struct({ error: goText(cutTextOf(16_000)), failure_reason: goText(reportedName(64)), ...place }),
    success: LegacyTask,
    error: errors
  }),
  HttpApiEndpoint.get("taskKept", "/tasks/:taskId/gc-check", {
    params,
    success: Schema.Struct({ status: LegacyStatus, completed_at: Schema.NullOr(RequestTime) }),
    error: errors
  }),
  /** 500 for one that this server does not know: a 404 would make the daemon delete its folder. */
  HttpApiEndpoint.get("chatKept", "/chat-sessions/:taskId/gc-check", {
    params,
    success: Schema.Struct({ status: Schema.Literals(["active", "archived"]), updated_at: RequestTime }),
    error: errors
  }),
  HttpApiEndpoint.get("pending", "/runtimes/:runtimeId/tasks/pending", {
    params: { runtimeId: Word },
    success: listOf(LegacyTask, 200),
    error: errors
  })
).middleware(DaemonAuth).middleware(ReadableErrors).middleware(AnyContentType).prefix("/api/daemon").annotateMerge(
  OpenApi.annotations({ title: "Daemons: tasks of v0.3.1", description: "How a v0.3.1 daemon works on tasks." })
) {}
