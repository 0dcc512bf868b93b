import type { Api, Runtime, Task, TaskEvent } from "@muster/domain"
import { Context, type Effect } from "effect"
import type { Refused, Unreachable } from "./ServerError.ts"

/** A claim of a task that this daemon has or had. */
export interface HeldTask {
  readonly id: Task.TaskId
  readonly epoch: number
}

/** An order about a held task. `stop`: it is no longer this daemon's: end its processes and report nothing. */
export interface TaskOrder extends HeldTask {
  readonly order: Task.Order
}

/** The agent's session and the folder that it works in. */
export interface PinnedSession {
  readonly id: string
  readonly folder: string | null
}

/** How an attempt ended, and what is known of it then. */
export type TaskEnd = Omit<Api.SettleBody, "epoch">

/**
 * A claimed task. `place`: the name of the folder of its own, which the tasks of one conversation share; absent: its id.
 */
export type ClaimedWork = Api.ClaimedTask & { readonly place?: string }

/** The epoch of a task of a v0.3.1 server, which does not fence claims. */
export const unfenced = 0

type Failure = Refused | Unreachable

/**
 * The server's calls for tasks. Every call ends within its deadline; nothing is retried here. A task that the server does
 * not have counts as superseded.
 */
export class TaskServer extends Context.Service<TaskServer, {
  /** At most `max` tasks; `gone`: the runtimes whose row is provably absent. */
  readonly claim: (input: {
    readonly runtimeIds: ReadonlyArray<Runtime.RuntimeId>
    readonly max: number
    readonly slots: number
  }) => Effect.Effect<
    { readonly tasks: ReadonlyArray<ClaimedWork>; readonly gone: ReadonlyArray<Runtime.RuntimeId> },
    Failure
  >
  /** Whether orders are only known by asking often: a v0.3.1 server never sends a hint of one. */
  readonly mustAsk: Effect.Effect<boolean>
  /** The sign of life of all held tasks. Returns the orders about them. */
  readonly beat: (held: ReadonlyArray<HeldTask>) => Effect.Effect<ReadonlyArray<TaskOrder>, Failure>
  /**
   * Before the first claim on these runtimes: what this daemon still holds. The server takes everything else of them for
   * lost. Returns what is to be stopped.
   */
  readonly inventory: (
    runtimes: ReadonlyArray<Runtime.RuntimeId>,
    held: ReadonlyArray<HeldTask>
  ) => Effect.Effect<ReadonlyArray<HeldTask>, Failure>
  readonly renew: (task: HeldTask) => Effect.Effect<Api.FencedReply, Failure>
  readonly release: (task: HeldTask) => Effect.Effect<Api.FencedReply, Failure>
  readonly begin: (task: HeldTask) => Effect.Effect<Api.FencedReply, Failure>
  readonly pin: (task: HeldTask, session: PinnedSession) => Effect.Effect<Api.FencedReply, Failure>
  /** Without events: asks for the number that the server expects next. */
  readonly append: (
    task: HeldTask,
    events: ReadonlyArray<TaskEvent.Sent>
  ) => Effect.Effect<Api.AppendReply, Failure>
  readonly settle: (task: HeldTask, end: TaskEnd) => Effect.Effect<Api.FencedReply, Failure>
}>()("@muster/daemon/client/TaskServer") {}
