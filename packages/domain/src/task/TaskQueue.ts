import { Context, type Effect, type Option, Schema } from "effect"
import type { DaemonId } from "../access/DaemonId.ts"
import type { UserId, WorkspaceId } from "../access/Identity.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Claimant, Epoch, Fenced, Merge, NewTask, Note, Order, Outcome, Status, Task } from "./Task.ts"
import { TaskId } from "./TaskRecord.ts"

/** A bound of `maxQueued` is reached; nothing was stored. */
export class TasksFull extends Schema.TaggedError<TasksFull>()("TasksFull", {
  bound: Schema.Literals(["runtime", "workspace", "key"]),
  max: Schema.Finite
}) {}

/** The idempotency key was used for a different task within the last `times.idempotency`. */
export class IdempotencyConflict extends Schema.TaggedError<IdempotencyConflict>()("IdempotencyConflict", {
  id: TaskId
}) {}

/** A new task. `idempotencyKey` is the caller's, within the workspace; `fingerprint`: a hash of what it asks for. */
export interface Enqueue {
  readonly task: NewTask
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null
}

/** Which tasks a list shows; an absent key does not filter. */
export interface TaskFilter {
  readonly statuses?: ReadonlyArray<Status>
  readonly runtimeId?: RuntimeId
  readonly by?: UserId
}

/** The position of a task in a list; newest first, by (`createdAt`, `id`). */
export interface TaskCursor {
  readonly createdAt: number
  readonly id: TaskId
}

/** A claim of one daemon. */
export interface ClaimTasks extends Omit<Claimant, "tokenHash"> {
  /** The runtimes of this daemon that may work now. */
  readonly runtimeIds: ReadonlyArray<RuntimeId>
  /** At most this many, redeliveries included; 1 to `maxClaim`. */
  readonly max: number
  /** How many tasks the daemon may have at once, those that it has included; null: it did not say (v0.3.1). */
  readonly slots: number | null
  /** Hashes for the tokens of what is claimed, as many as `max`; empty: no tokens. */
  readonly tokenHashes: ReadonlyArray<string>
}

/** A task that a daemon says it holds. */
export interface Held {
  readonly id: TaskId
  readonly epoch: Epoch
}

/** How many tasks a runtime has. */
export interface TaskCounts {
  readonly queued: number
  readonly active: number
}

/** What one removal of old tasks did. */
export interface Expired {
  /** How many tasks it removed. */
  readonly tasks: number
  /** False: there is more to remove. */
  readonly isDone: boolean
}

/** The report of a restarted daemon: what it must stop, what was lost (of it: what is tried again). */
export interface Reconciled {
  readonly stop: ReadonlyArray<Held>
  readonly orphaned: ReadonlyArray<Task>
}

/**
 * Tasks of all workspaces. Each operation is one atomic step per task; time comes from `Clock`; the rules are the pure
 * functions of `Task.ts`, and every operation applies the limits (`Task.elapse`) before its own change and persists both.
 * Absence is data, and a store that cannot answer is `StoreUnavailable`, never absence.
 *
 * The order of claims: redeliveries first, oldest first. Then, of each runtime, the next task is the first by priority
 * (highest first), then by the turn of its person (round robin: who was served least recently on this runtime, a person
 * never served first), then by age and id; between runtimes by priority, age, id. Tasks whose key an active task holds
 * are skipped. Two claims of one daemon at once together take no more than its slots allow.
 *
 * Age is `createdAt`, which a retry does not change; of tasks of one millisecond the lower id is older. Each claim of a
 * task is a turn of its person, also if the daemon releases the task later; a redelivery is none. Only the daemon of the
 * claim gets a redelivery, if the task's runtime is among those that it claims for; it needs no free slot. A key is the
 * same in every workspace.
 */
export class TaskQueue extends Context.Service<TaskQueue, {
  /** `created` false: the idempotency key refers to this task already. */
  readonly enqueue: (
    input: Enqueue
  ) => Effect.Effect<
    { readonly task: Task; readonly created: boolean },
    TasksFull | IdempotencyConflict | StoreUnavailable
  >
  /** None: unknown, or past its retention. */
  readonly find: (id: TaskId) => Effect.Effect<Option.Option<Task>, StoreUnavailable>
  /** The active task with this token (`times.token` not over); none: the token has ended or never was. */
  readonly byToken: (hash: string) => Effect.Effect<Option.Option<Task>, StoreUnavailable>
  /** Newest first, after `before`; at most `max` (1 to 200). */
  readonly list: (
    workspace: WorkspaceId,
    filter: TaskFilter,
    before: TaskCursor | null,
    max: number
  ) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /** Of each of these runtimes that has any. */
  readonly counts: (
    runtimes: ReadonlyArray<RuntimeId>
  ) => Effect.Effect<ReadonlyMap<RuntimeId, TaskCounts>, StoreUnavailable>
  /** The active tasks of these runtimes and those that hold one of these keys, oldest first, at most `max`. */
  readonly active: (
    by: { readonly runtimeIds: ReadonlyArray<RuntimeId>; readonly keys: ReadonlyArray<string> },
    max: number
  ) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /** The cheap look: whether a claim may find something. It may be true in vain, never false in vain. */
  readonly claimable: (runtimes: ReadonlyArray<RuntimeId>) => Effect.Effect<boolean, StoreUnavailable>
  readonly claim: (input: ClaimTasks) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /**
   * The sign of life of all tasks that a daemon holds, and its orders: one entry per task that has one, in the order
   * given. Tasks of another daemon get `stop`.
   */
  readonly beat: (
    daemon: DaemonId,
    held: ReadonlyArray<Held>
  ) => Effect.Effect<ReadonlyArray<Held & { readonly order: Order }>, StoreUnavailable>
  /** None: no such task. Likewise below. */
  readonly renew: (held: Held) => Effect.Effect<Option.Option<Fenced>, StoreUnavailable>
  readonly release: (held: Held) => Effect.Effect<Option.Option<Fenced>, StoreUnavailable>
  readonly start: (held: Held) => Effect.Effect<Option.Option<Fenced>, StoreUnavailable>
  readonly note: (held: Held, note: Note) => Effect.Effect<Option.Option<Fenced>, StoreUnavailable>
  /** Compare-and-set: of any number of reports, cancels and limits exactly one ends the task. `note` is applied too. */
  readonly settle: (
    held: Held,
    outcome: Outcome,
    note: Note
  ) => Effect.Effect<Option.Option<Fenced>, StoreUnavailable>
  readonly cancel: (
    workspace: WorkspaceId,
    id: TaskId,
    by: UserId
  ) => Effect.Effect<Option.Option<Task>, StoreUnavailable>
  /**
   * What a daemon holds right after its start (before it claims): active tasks of this daemon on these runtimes that it
   * does not hold are orphans (`Task.orphan`); what it holds and may not is to be stopped.
   */
  readonly reconcile: (input: {
    readonly daemonId: DaemonId
    readonly runtimeIds: ReadonlyArray<RuntimeId>
    readonly held: ReadonlyArray<Held>
    /** The daemon has ended the processes of what it does not hold; false: v0.3.1. */
    readonly swept: boolean
  }) => Effect.Effect<Reconciled, StoreUnavailable>
  /**
   * The runtimes were deleted: ends their tasks, active ones first, at most `max` (1 to 500). Returns the tasks that this
   * ended; if they are as many as `max`, there may be more.
   */
  readonly runtimesDeleted: (
    ids: ReadonlyArray<RuntimeId>,
    max: number
  ) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /**
   * The runtimes were merged into others: moves their unfinished tasks (`Task.move`), active ones first, at most `max` (1 to
   * 500). Returns the tasks that this changed; if they are as many as `max`, there may be more.
   */
  readonly runtimesMerged: (
    merges: ReadonlyArray<Merge>,
    max: number
  ) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /** Applies the limits to tasks whose deadline is over, at most `max` of them. Returns those that changed. */
  readonly sweep: (max: number) => Effect.Effect<ReadonlyArray<Task>, StoreUnavailable>
  /**
   * Removes tasks that ended before `before` (epoch ms) with their events, oldest first: at most `max`, and not many more
   * than `maxExpired` events, so that a large log may take several calls and loses its oldest events first.
   */
  readonly expire: (before: number, max: number) => Effect.Effect<Expired, StoreUnavailable>
}>()("@muster/domain/task/TaskQueue") {}
