import { Context, type Effect, type Option, Schema } from "effect"
import type { DaemonId } from "../access/DaemonId.ts"
import type { MachineCredential, MachineId, UserId, WorkspaceId } from "../access/Identity.ts"
import type { TokenHash } from "../access/Token.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import { type JoinKey, maxJoinKeys } from "./Join.ts"
import { type Drain, type JoinKeyId, type Label, type Machine, maxMachines } from "./Machine.ts"

/** A token or a key does not admit a machine; `reason`: a `JoinRefusal`. */
export class JoinRefused extends Schema.TaggedError<JoinRefused>()("JoinRefused", {
  reason: Schema.Literals(["unknown", "used", "expired", "revoked", "left"])
}) {}

/** The workspace has the maximum number of machines, or of keys that have not ended. */
export class MachinesFull extends Schema.TaggedError<MachinesFull>()("MachinesFull", {
  what: Schema.Literals(["machines", "keys"]),
  max: Schema.Finite
}) {}

/**
 * How many machines and keys a workspace may have; tests use fewer. Two concurrent writes may both take the last place.
 */
export const MachineBounds = Context.Reference<{ readonly machines: number; readonly keys: number }>(
  "@muster/domain/machine/MachineBounds",
  { defaultValue: () => ({ machines: maxMachines, keys: maxJoinKeys }) }
)

/** A machine that is to join, with its join token. */
export interface NewMachine {
  readonly ownerId: UserId
  readonly workspaceId: WorkspaceId
  /** Empty: the machine reports its name when it joins. */
  readonly name: string
  readonly labels: ReadonlyArray<Label>
  readonly tokenHash: TokenHash
  /** Of the token; epoch ms. */
  readonly expiresAt: number
}

export interface NewJoinKey {
  readonly workspaceId: WorkspaceId
  readonly ownerId: UserId
  readonly name: string
  readonly hash: TokenHash
  readonly prefix: string
  readonly labels: ReadonlyArray<Label>
  readonly ephemeral: boolean
  readonly maxUses: number | null
  /** Epoch ms. */
  readonly expiresAt: number
}

/** A machine that presents a token or a key, and the credential that it gets. */
export interface Join {
  readonly secret: TokenHash
  readonly daemonId: DaemonId
  /** The name that it reports; used unless a person named it. */
  readonly name: string
  readonly deviceInfo: string
  readonly fingerprint: string | null
  readonly credential: TokenHash
  /** Of the credential; epoch ms. */
  readonly expiresAt: number
}

/** Which fields of a machine a person changes; an absent key does not change. */
export interface MachineEdit {
  readonly name?: string
  readonly labels?: ReadonlyArray<Label>
  /** Null: it takes work again. */
  readonly drain?: Drain | null
}

/** The result of `leave`. */
export interface Left {
  /** The machine before the change. */
  readonly machine: Machine
  /** It serves no workspace now and was removed with its credentials. */
  readonly removed: boolean
  /** The hashes of the credentials that ended. */
  readonly ended: ReadonlyArray<TokenHash>
}

/**
 * Machines, how they join, and their credentials. A person has one machine per daemon id. Every operation is atomic; an
 * absent thing is `Option.none` or false, a store that cannot answer is `StoreUnavailable`. "Now" comes from `Clock`.
 */
export class Machines extends Context.Service<Machines, {
  /** Adds a machine without a daemon, which waits for `join` with its token. */
  readonly add: (input: NewMachine) => Effect.Effect<Machine, MachinesFull | StoreUnavailable>
  readonly createKey: (input: NewJoinKey) => Effect.Effect<JoinKey, MachinesFull | StoreUnavailable>
  /** Those of a workspace, newest first, including ended ones that are still kept; at most 1,000. */
  readonly keys: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<JoinKey>, StoreUnavailable>
  /** Idempotent. Machines that joined with it remain. None: the workspace has no such key. */
  readonly revokeKey: (
    workspace: WorkspaceId,
    id: JoinKeyId
  ) => Effect.Effect<Option.Option<JoinKey>, StoreUnavailable>
  /**
   * Uses a token or a key, and gives the machine a credential that replaces earlier ones. If any number of callers
   * present one token concurrently, on any replicas, one joins. If the owner already had a machine with this daemon id,
   * the new machine takes over its workspaces and drain; with a key it remains the same machine.
   */
  readonly join: (input: Join) => Effect.Effect<Machine, JoinRefused | MachinesFull | StoreUnavailable>

  /** The owner of a credential, by its hash. None: unknown, expired, or its machine was removed. Does not write. */
  readonly authenticate: (hash: TokenHash) => Effect.Effect<Option.Option<MachineCredential>, StoreUnavailable>
  /**
   * Returns those of these hashes that `authenticate` would refuse now. One statement for any number; at most 10,000.
   */
  readonly ended: (hashes: ReadonlyArray<TokenHash>) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>
  /**
   * Adds a credential to the machine of a valid one. The old one remains valid until `credentialOverlap` after `touch`
   * saw the new one, so a daemon that loses the reply can continue. Other unused credentials end. False: the credential
   * is not valid.
   */
  readonly renew: (
    old: TokenHash,
    next: { readonly hash: TokenHash; readonly expiresAt: number }
  ) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Records that these credentials were used at `at` (epoch ms), and ends older ones of their machines
   * `credentialOverlap` later. Unknown hashes are skipped. One statement for any number.
   */
  readonly touch: (hashes: ReadonlyArray<TokenHash>, at: number) => Effect.Effect<void, StoreUnavailable>

  readonly find: (id: MachineId) => Effect.Effect<Option.Option<Machine>, StoreUnavailable>
  /** Of a workspace, oldest first; at most 10,000. */
  readonly list: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<Machine>, StoreUnavailable>
  /** The drain of this person's machine with this daemon id that serves the workspace; none: no drain, or no machine. */
  readonly drainOf: (
    workspace: WorkspaceId,
    owner: UserId,
    daemon: DaemonId
  ) => Effect.Effect<Option.Option<Drain>, StoreUnavailable>
  readonly edit: (id: MachineId, edit: MachineEdit) => Effect.Effect<Option.Option<Machine>, StoreUnavailable>
  /**
   * Removes a machine from a workspace, or from all if null. If it then serves no workspace, it is removed: its
   * credentials end, and its unused join token is revoked. None: no such machine, or not in the workspace.
   */
  readonly leave: (
    id: MachineId,
    workspace: WorkspaceId | null
  ) => Effect.Effect<Option.Option<Left>, StoreUnavailable>
  /**
   * Removes machines whose token expired before they joined, and ephemeral ones not seen since `ephemeralBefore` (epoch
   * ms), at most `max`; the write checks the rule. Removes tokens, keys and credentials that ended long ago. Returns
   * what was removed.
   */
  readonly expire: (ephemeralBefore: number, max: number) => Effect.Effect<ReadonlyArray<Machine>, StoreUnavailable>
}>()("@muster/domain/machine/Machines") {}
