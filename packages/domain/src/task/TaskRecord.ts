import { Effect, Schema } from "effect"
import { DaemonId } from "../access/DaemonId.ts"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import * as Uuid from "../id/Uuid.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import { textOf } from "../text/BoundedText.ts"
import { Reason } from "./TaskTerms.ts"

/**
 * A random UUID (version 4): a v0.3.1 daemon names the task's folder by its first 8 hex digits and deletes one that
 * exists, so ids must differ early.
 */
export const TaskId = Uuid.Uuid.pipe(Schema.brand("TaskId"))
export type TaskId = typeof TaskId.Type

export const randomTaskId: Effect.Effect<TaskId> = Effect.map(Uuid.random, (id) => TaskId.make(id))

/** A whole number from 0 to 2^53 − 1. */
export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** The fencing number of a claim: it grows with each claim of the task, from 1. 0: the task was never claimed. */
export const Epoch = Count.annotate({ description: "It grows with each claim." })
export type Epoch = typeof Epoch.Type

/**
 * What the daemon answers when the agent asks for permission: `all` allows each call once, `none` rejects each call
 * once. Approvals by people come with a later version.
 */
export const Policy = Schema.Literals(["all", "none"])
export type Policy = typeof Policy.Type

/**
 * Tokens of one model. `meaning`: what the provider's numbers cover: the last call to the model, the turn, or the whole
 * session, which may have begun before this task.
 */
export const Usage = Schema.Struct({
  /** The claim that it belongs to. */
  epoch: Epoch,
  provider: textOf(100),
  model: textOf(256),
  inputTokens: Count,
  outputTokens: Count,
  cacheReadTokens: Count,
  cacheWriteTokens: Count,
  /** As the provider reports it; never for invoices. */
  costUsd: Schema.optionalKey(Schema.Finite),
  meaning: Schema.optionalKey(Schema.Literals(["call", "turn", "session"]))
})
export type Usage = typeof Usage.Type

/** The maximum number of models that one attempt reports. */
export const maxUsage = 32

/** What the daemon reports at the end of an attempt. */
export const Result = Schema.Struct({
  /** The agent's last message; of a canceled or failed attempt: what there is of it. At most `maxResultText` bytes. */
  text: Schema.String,
  /** Why the agent stopped, in the daemon's words: `end`, `cancelled`, `refusal`, `max_tokens`, `max_turns`. */
  stopReason: Schema.NullOr(textOf(64)),
  /** How many calls the policy rejected. */
  rejections: Count
})
export type Result = typeof Result.Type

/** The agent's own memory of the conversation, by which a later attempt on the same daemon goes on. */
export const Session = Schema.Struct({
  id: textOf(512),
  runtimeId: RuntimeId,
  /** The folder that the agent worked in; null: not known. */
  folder: Schema.NullOr(textOf(4_096))
})
export type Session = typeof Session.Type

/** One attempt that was counted. Times are epoch ms. */
export const Attempt = Schema.Struct({
  number: Count,
  epoch: Epoch,
  daemonId: DaemonId,
  claimedAt: Schema.Finite,
  startedAt: Schema.NullOr(Schema.Finite),
  endedAt: Schema.NullOr(Schema.Finite),
  /** Why it failed; null: it did not fail. */
  reason: Schema.NullOr(Reason)
})
export type Attempt = typeof Attempt.Type

/** The state of a task. Times are epoch ms. */
export const State = Schema.TaggedUnion({
  /** `queuedAt`: since when it waits; `notBefore`: it is not claimed before. */
  Queued: { queuedAt: Schema.Finite, notBefore: Schema.Finite },
  /** Claimed, not started. `leaseUntil`: the daemon prepares it; null: it said nothing yet. */
  Dispatched: {
    claimedAt: Schema.Finite,
    deliveredAt: Schema.Finite,
    deliveries: Count,
    leaseUntil: Schema.NullOr(Schema.Finite)
  },
  /** `aliveAt`: when its daemon last named it. */
  Running: { startedAt: Schema.Finite, aliveAt: Schema.Finite },
  /**
   * A person canceled it and its daemon has not confirmed yet that nothing of it runs. `toldAt`: when the daemon first
   * received the order; null: it has not.
   */
  Cancelling: {
    startedAt: Schema.NullOr(Schema.Finite),
    since: Schema.Finite,
    aliveAt: Schema.Finite,
    toldAt: Schema.NullOr(Schema.Finite)
  },
  Completed: { endedAt: Schema.Finite, result: Result },
  Failed: { endedAt: Schema.Finite, reason: Reason, error: Schema.String, result: Schema.NullOr(Result) },
  /** `confirmed`: the daemon reported that no process of it runs, or it was never started. */
  Cancelled: { endedAt: Schema.Finite, confirmed: Schema.Boolean, result: Schema.NullOr(Result) }
})
export type State = typeof State.Type

/** Who canceled and when (epoch ms). `by` null: the person is not known any more. */
export const Cancel = Schema.Struct({ by: Schema.NullOr(UserId), at: Schema.Finite })
export type Cancel = typeof Cancel.Type

/** A piece of work for one runtime. Times are epoch ms. */
export const Task = Schema.Struct({
  id: TaskId,
  workspaceId: WorkspaceId,
  runtimeId: RuntimeId,
  by: UserId,
  /** 1 to `maxPrompt` bytes. */
  prompt: Schema.String,
  /** A folder on the runtime's machine that its owner listed; null: a folder of its own. */
  folder: Schema.NullOr(textOf(4_096)),
  /** Null: the CLI's own default. */
  model: Schema.NullOr(textOf(256)),
  policy: Policy,
  /** −10 to 10; higher is claimed first. */
  priority: Schema.Int.check(Schema.isBetween({ minimum: -10, maximum: 10 })),
  /** Of the tasks with one key at most one is active, on all runtimes; null: no such limit. */
  key: Schema.NullOr(textOf(4_200)),
  /** The task that a person tried again with this one; null: none. */
  retryOf: Schema.NullOr(TaskId),
  createdAt: Schema.Finite,
  updatedAt: Schema.Finite,
  state: State,
  epoch: Epoch,
  /** The daemon of the present or last claim; null: none yet. */
  daemonId: Schema.NullOr(DaemonId),
  /** The daemon renews leases, confirms the end of a canceled task and numbers its events; false: v0.3.1. */
  fenced: Schema.Boolean,
  /** Oldest first, at most `maxAttempts`. The last one is the present one. */
  attempts: Schema.Array(Attempt),
  /** Null: it was not canceled. A canceled task is never tried again. */
  cancel: Schema.NullOr(Cancel),
  session: Schema.NullOr(Session),
  /** As reported so far, by claim, provider and model. */
  usage: Schema.Array(Usage),
  /** SHA-256 of the present claim's task token as hex digits; null: no claim, or none was issued. Never shown. */
  tokenHash: Schema.NullOr(Schema.String)
})
export type Task = typeof Task.Type

export type Status = "queued" | "dispatched" | "running" | "cancelling" | "completed" | "failed" | "cancelled"

const statuses = {
  Queued: "queued",
  Dispatched: "dispatched",
  Running: "running",
  Cancelling: "cancelling",
  Completed: "completed",
  Failed: "failed",
  Cancelled: "cancelled"
} as const satisfies Record<State["_tag"], Status>

export const allStatuses = Object.values(statuses)

export const statusOf = ({ state }: Pick<Task, "state">): Status => statuses[state._tag]

const terminal: ReadonlySet<State["_tag"]> = new Set(["Completed", "Failed", "Cancelled"])
export const isTerminal = ({ state }: Pick<Task, "state">): boolean => terminal.has(state._tag)

/** Whether a daemon has it: it takes a slot of the daemon and holds its key. */
export const isActive = (task: Pick<Task, "state">): boolean => !isTerminal(task) && task.state._tag !== "Queued"
