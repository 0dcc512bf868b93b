import { Context, type Effect, type Option, Schema } from "effect"
import { DaemonId } from "../access/DaemonId.ts"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import type { Visibility } from "../access/Permission.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { CliHealth } from "./CliHealth.ts"
import type { Lookup } from "./Gone.ts"
import type { Registration } from "./Registration.ts"
import type { Runtime, RuntimeId } from "./Runtime.ts"

export * from "./Gone.ts"

/** The workspace of a registration does not exist, or the registrant is not a member of it. */
export class WorkspaceAbsent extends Schema.TaggedError<WorkspaceAbsent>()("WorkspaceAbsent", {
  workspaceId: WorkspaceId
}) {}

/** The daemon of a registration has runtimes in this workspace that belong to another person, `ownerId`. */
export class DaemonOfAnother extends Schema.TaggedError<DaemonOfAnother>()("DaemonOfAnother", {
  daemonId: DaemonId,
  ownerId: UserId
}) {}

/** The workspace has the maximum number of runtimes (`StoreBounds`), and the registration adds a new one. */
export class RuntimesFull extends Schema.TaggedError<RuntimesFull>()("RuntimesFull", { max: Schema.Finite }) {}

/** Which fields of a runtime a person changes; an absent key does not change. */
export interface RuntimeEdit {
  readonly timezone?: string
  readonly visibility?: Visibility
  readonly name?: string
  /** A model's id; null: the CLI decides. */
  readonly defaultModel?: string | null
}

/** What a registration wrote. */
export interface Registered {
  /** One row per entry, in the order of the entries; two entries with one provider: the same row twice. */
  readonly runtimes: ReadonlyArray<Runtime>
  /** The rows of legacy daemon ids that were merged and removed, each with the row of the same provider that has its place. */
  readonly merged: ReadonlyArray<{ readonly from: RuntimeId; readonly into: RuntimeId }>
}

/**
 * The table of runtimes. Every operation is one transaction. A row that is provably absent is `Gone`; a store that
 * cannot answer is `StoreUnavailable`, never absence. "Now" comes from `Clock`.
 */
export class RuntimeRegistry extends Context.Service<RuntimeRegistry, {
  /**
   * All runtimes of one workspace's daemon, in one transaction: inserted or updated by (workspace, daemon, provider). Keeps
   * id, timezone, visibility, default model and a name given by a person. Rows of legacy daemon ids that `mayMerge` allows are merged
   * into the new ones and removed. Sets `lastSeenAt` to now.
   *
   * `WorkspaceAbsent`: also for an `owner` who is not a member, checked in the write, so a member's departure also
   * covers a concurrent registration. `DaemonOfAnother`: `mayRegister` forbids a row of this workspace and daemon id,
   * checked in the write; then nothing is written. `RuntimesFull`: likewise. A new row registered with a daemon token
   * gets the owner of the daemon's other rows.
   */
  readonly register: (
    registration: Registration
  ) => Effect.Effect<Registered, WorkspaceAbsent | DaemonOfAnother | RuntimesFull | StoreUnavailable>
  /**
   * Makes `by` the owner of this runtime and of all others of its daemon in its workspace. Returns these rows, oldest
   * first; none: the row is gone, or `by` is not a member of its workspace.
   */
  readonly takeOver: (id: RuntimeId, by: UserId) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
  readonly find: (id: RuntimeId) => Effect.Effect<Lookup, StoreUnavailable>
  /** Those of `ids` (at most 1,000) that have a row, in any order. */
  readonly rows: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
  /** Oldest first; at most 10,000. */
  readonly list: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
  /** None: the row is gone. */
  readonly edit: (id: RuntimeId, edit: RuntimeEdit) => Effect.Effect<Option.Option<Runtime>, StoreUnavailable>
  /** Deletes the row and leaves a tombstone. False: it was gone already. */
  readonly remove: (id: RuntimeId, by: UserId | null) => Effect.Effect<boolean, StoreUnavailable>

  /**
   * A beat of a runtime that is offline or was never seen: online immediately, seen `at` (epoch ms). False: row gone.
   */
  readonly markOnline: (id: RuntimeId, at: number) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * A beat of this instance of the runtime's daemon: `instances` becomes `afterBeat` of its value in the write. Returns
   * the row after it; none: the row is gone.
   */
  readonly beaten: (id: RuntimeId, instance: string) => Effect.Effect<Option.Option<Runtime>, StoreUnavailable>
  /** `cli` becomes `afterAttempt` of its value in the write. Does nothing for a row that is gone. */
  readonly noteCli: (id: RuntimeId, attempt: Partial<CliHealth>) => Effect.Effect<void, StoreUnavailable>
  /** Deregistration: offline now. Unknown ids are skipped. */
  readonly markOffline: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<void, StoreUnavailable>
  /**
   * Bulk: `lastSeenAt` of the online ones among these becomes the later of the stored and the given time (epoch ms).
   * One statement for any number. Returns how many rows were online.
   */
  readonly touch: (seen: ReadonlyMap<RuntimeId, number>) => Effect.Effect<number, StoreUnavailable>

  /** Online rows last seen before `before` (epoch ms), oldest first; at most `max`. */
  readonly stale: (before: number, max: number) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
  /** Those of `ids` that are still online and last seen before `before` go offline; the write checks the rule. */
  readonly markStale: (
    ids: ReadonlyArray<RuntimeId>,
    before: number
  ) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
  /**
   * Removes offline rows last seen (or, if never seen, created) before `before` (epoch ms), ephemeral ones before
   * `ephemeralBefore` (default: `before`), with a tombstone, at most `max` of them; the write checks the rule. Also
   * removes tombstones past their retention. Returns what was removed.
   */
  readonly expire: (
    before: number,
    max: number,
    ephemeralBefore?: number
  ) => Effect.Effect<ReadonlyArray<Runtime>, StoreUnavailable>
}>()("@muster/domain/runtime/RuntimeRegistry") {}
