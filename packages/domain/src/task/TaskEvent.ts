import { Schema } from "effect"
import { snakeKeys } from "../codec/Snake.ts"
import { textOf } from "../text/BoundedText.ts"
import { PartEnd } from "./SecretScan.ts"
import { Count } from "./TaskRecord.ts"

/** Bounds of the events of one task. */
export const maxEventText = 16 * 1024
/** Bytes of a tool's input as JSON. */
export const maxToolInput = 32 * 1024
/** Of each tool call, this many bytes of output from its start and as many from its end stay in the log. */
export const keptOutput = 64 * 1024
/** After one of these, only turns, tools without input, usage, notices and errors are logged, and one notice says so. */
export const maxLogBytes = 50 * 1024 * 1024
export const maxLogEvents = 200_000
/** Of one append. */
export const maxAppendEvents = 500
export const maxAppendBytes = 256 * 1024

export const ToolKind = Schema.Literals([
  "read",
  "edit",
  "delete",
  "move",
  "search",
  "execute",
  "think",
  "fetch",
  "other"
])
export type ToolKind = typeof ToolKind.Type

export const ToolStatus = Schema.Literals(["pending", "running", "completed", "failed"])
export type ToolStatus = typeof ToolStatus.Type

const CallId = textOf(256)
const Line = textOf(2_048)
const EventText = textOf(maxEventText)

/**
 * One entry of a task's log, without its position and time. Times are epoch ms, texts are cut at characters, without
 * NUL; control characters only in `output`.
 */
export const Body = Schema.Union([
  /** An attempt begins: `session` true if the agent remembers the attempt before. */
  Schema.Struct({
    kind: Schema.Literal("attempt"),
    number: Count,
    provider: textOf(100),
    version: textOf(256),
    model: Schema.NullOr(textOf(256)),
    folder: Schema.NullOr(textOf(4_096)),
    policy: Schema.Literals(["all", "none"]),
    resumed: Schema.Boolean
  }),
  Schema.Struct({ kind: Schema.Literal("turn"), phase: Schema.Literal("begin"), number: Count }),
  snakeKeys(Schema.Struct({
    kind: Schema.Literal("turn"),
    phase: Schema.Literal("end"),
    number: Count,
    stopReason: textOf(64)
  })),
  /**
   * What the agent says, in pieces. `open`: of a v0.3.1 daemon, which does not mask: where in a possible secret the piece
   * ends, so that the server masks its continuation in the next report.
   */
  Schema.Struct({ kind: Schema.Literal("text"), text: EventText, open: Schema.optionalKey(PartEnd) }),
  Schema.Struct({ kind: Schema.Literal("thought"), text: EventText, open: Schema.optionalKey(PartEnd) }),
  /** A call of a tool; later events with its `id` replace what they have. */
  Schema.Struct({
    kind: Schema.Literal("tool"),
    id: CallId,
    status: ToolStatus,
    title: Schema.optionalKey(Line),
    tool: Schema.optionalKey(ToolKind),
    /** At most `maxToolInput` bytes; a larger one is cut to a text. */
    input: Schema.optionalKey(Schema.Json)
  }),
  /** A chunk of a tool's output; `offset`: its position in the whole output, in bytes. */
  Schema.Struct({ kind: Schema.Literal("output"), id: CallId, offset: Count, text: EventText }),
  /** Output that was cut; `bytes` of it are missing at this position. */
  Schema.Struct({ kind: Schema.Literal("gap"), id: Schema.NullOr(CallId), bytes: Count }),
  Schema.Struct({
    kind: Schema.Literal("plan"),
    entries: Schema.Array(Schema.Struct({ text: Line, status: textOf(64) })).check(Schema.isMaxLength(100))
  }),
  /** The policy's answer to a question for permission. */
  Schema.Struct({
    kind: Schema.Literal("permission"),
    id: CallId,
    title: Line,
    answer: Schema.Literals(["allowed", "rejected"])
  }),
  snakeKeys(Schema.Struct({
    kind: Schema.Literal("usage"),
    model: textOf(256),
    inputTokens: Count,
    outputTokens: Count,
    cacheReadTokens: Count,
    cacheWriteTokens: Count,
    costUsd: Schema.optionalKey(Schema.Finite),
    meaning: Schema.optionalKey(Schema.Literals(["call", "turn", "session"]))
  })),
  /** What the daemon does: starting, waiting, cutting. */
  Schema.Struct({ kind: Schema.Literal("notice"), text: Line }),
  Schema.Struct({ kind: Schema.Literal("error"), text: EventText })
])
export type Body = typeof Body.Type
export type Kind = Body["kind"]

/** Epoch ms, of a time that a date can have. */
const Moment = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 }))

/** An event as the daemon sends it: `seq` counts from 1 within its claim, without holes. */
export const Sent = Schema.Struct({ seq: Count, at: Moment, body: Body })
export type Sent = typeof Sent.Type

/** An event as it is read: `offset` counts from 1 over all claims of the task, in the order of acceptance. */
export const TaskEvent = Schema.Struct({
  offset: Schema.Int,
  epoch: Schema.Int,
  at: Schema.Finite,
  body: Body
})
export type TaskEvent = typeof TaskEvent.Type

/** The bytes of an event that count for `maxLogBytes`: its body as JSON in UTF-8. */
export const sizeOf = (body: Body): number => new TextEncoder().encode(JSON.stringify(body)).length

const isEssential = (body: Body): boolean => {
  switch (body.kind) {
    case "attempt":
    case "turn":
    case "usage":
    case "notice":
    case "error":
      return true
    case "tool":
      return body.input === undefined
    default:
      return false
  }
}

/** What a log holds before an event: the number of events and their `sizeOf`. */
export interface Fill {
  readonly events: number
  readonly bytes: number
}

/**
 * Whether the log stores the event. An event that would exceed `maxLogBytes` or `maxLogEvents` is not stored, except an
 * attempt, turn, usage, notice, error or tool without input; those may fill a log to twice the bounds.
 */
export const isStored = ({ bytes, events }: Fill, body: Body): boolean => {
  const times = isEssential(body) ? 2 : 1
  return events < times * maxLogEvents && bytes + sizeOf(body) <= times * maxLogBytes
}
