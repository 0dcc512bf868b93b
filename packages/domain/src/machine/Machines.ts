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

/** The workspace has as many machines, or keys that have not ended, as it may. */
export class MachinesFull extends Schema.TaggedError<MachinesFull>()("MachinesFull", {
  what: Schema.Literals(["machines", "keys"]),
  most: Schema.Finite
}) {}

/** How many machines and keys a workspace may have; a test has fewer. Two writes at once may both be the last one. */
export const MachineBounds = Context.Reference<{ readonly machines: number; readonly keys: number }>(
  "@muster/domain/machine/MachineBounds",
  { defaultValue: () => ({ machines: maxMachines, keys: maxJoinKeys }) }
)

/** A machine that is to join, with the token that it joins by. */
export interface NewMachine {
  readonly ownerId: UserId
  readonly workspaceId: WorkspaceId
  /** Empty: what the machine calls itself when it joins. */
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

/** A machine that shows a token or a key, and the credential that it gets. */
export interface Join {
  readonly secret: TokenHash
  readonly daemonId: DaemonId
  /** What it calls itself; used where no person named it. */
  readonly name: string
  readonly deviceInfo: string
  readonly fingerprint: string | null
  readonly credential: TokenHash
  /** Of the credential; epoch ms. */
  readonly expiresAt: number
}

/** Which fields of a machine a person changes; a key that is left out stays as it is. */
export interface MachineEdit {
  readonly name?: string
  readonly labels?: ReadonlyArray<Label>
  /** Null: it takes work again. */
  readonly drain?: Drain | null
}

/** What `leave` did. */
export interface Left {
  /** The machine as it was. */
  readonly machine: Machine
  /** It serves no workspace now, and is gone with its credentials. */
  readonly removed: boolean
  /** The hashes of the credentials that ended. */
  readonly ended: ReadonlyArray<TokenHash>
}

/**
 * Machines, how they join, and their credentials. A person has one machine per daemon id. Every operation is atomic; an
 * absent thing is `Option.none` or false, a store that cannot answer is `StoreUnavailable`. "Now" comes from `Clock`.
 */
export class Machines extends Context.Service<Machines, {
  /** A machine without a daemon, which waits for `join` with its token. */
  readonly add: (input: NewMachine) => Effect.Effect<Machine, MachinesFull | StoreUnavailable>
  readonly createKey: (input: NewJoinKey) => Effect.Effect<JoinKey, MachinesFull | StoreUnavailable>
  /** Those of a workspace, newest first, ended ones included while they are remembered; at most 1,000. */
  readonly keys: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<JoinKey>, StoreUnavailable>
  /** Idempotent. Machines that joined by it stay. None: the workspace has no such key. */
  readonly revokeKey: (
    workspace: WorkspaceId,
    id: JoinKeyId
  ) => Effect.Effect<Option.Option<JoinKey>, StoreUnavailable>
  /**
   * Uses a token or a key, and gives the machine a credential in the place of those it had. Of any number who show one token
   * at once, on any replica, one joins. A daemon that its owner's machine had before brings that machine's workspaces and
   * drain into the new one; with a key it stays the machine that it was.
   */
  readonly join: (input: Join) => Effect.Effect<Machine, JoinRefused | MachinesFull | StoreUnavailable>

  /** Whose a credential is, by its hash. None: unknown, expired, or its machine was removed. Does not write. */
  readonly authenticate: (hash: TokenHash) => Effect.Effect<Option.Option<MachineCredential>, StoreUnavailable>
  /** Those of these hashes that `authenticate` does not know now. One statement however many; at most 10,000. */
  readonly ended: (hashes: ReadonlyArray<TokenHash>) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>
  /**
   * A further credential for the machine of a valid one. The old one stays valid until `credentialOverlap` after `touch` has
   * seen the new one, so a daemon that loses the reply loses nothing. Others that were never used end. False: it is not
   * valid.
   */
  readonly renew: (
    old: TokenHash,
    next: { readonly hash: TokenHash; readonly expiresAt: number }
  ) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Notes that these credentials were used at `at` (epoch ms), and ends older ones of their machines `credentialOverlap`
   * later. Unknown hashes are skipped. One statement however many.
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
   * Takes a machine out of a workspace; out of all of them where it is null. One that serves none then is removed: its
   * credentials end, and the token that it waits to join with is revoked. None: no such machine, or not there.
   */
  readonly leave: (
    id: MachineId,
    workspace: WorkspaceId | null
  ) => Effect.Effect<Option.Option<Left>, StoreUnavailable>
  /**
   * Removes machines whose token expired before they joined, and ephemeral ones not seen since `ephemeralBefore` (epoch
   * ms); judged in the write, at most `most`. Forgets tokens, keys and credentials that ended long ago. Answers what was
   * removed.
   */
  readonly expire: (ephemeralBefore: number, most: number) => Effect.Effect<ReadonlyArray<Machine>, StoreUnavailable>
}>()("@muster/domain/machine/Machines") {}
