import { Schema } from "effect"
import { Uuid } from "../id/Uuid.ts"
import type { DaemonId } from "./DaemonId.ts"
import type { Scope } from "./Scope.ts"
import type { TokenPurpose } from "./Token.ts"

export * from "./DaemonId.ts"

export const UserId = Uuid.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

export const WorkspaceId = Uuid.pipe(Schema.brand("WorkspaceId"))
export type WorkspaceId = typeof WorkspaceId.Type

export const TokenId = Uuid.pipe(Schema.brand("TokenId"))
export type TokenId = typeof TokenId.Type

export const MachineId = Uuid.pipe(Schema.brand("MachineId"))
export type MachineId = typeof MachineId.Type

/** What a member may do in a workspace; see `Permission.ts`. */
export const Role = Schema.Literals(["owner", "admin", "member"])
export type Role = typeof Role.Type

/** A person, as the API shows them. */
export const User = Schema.Struct({
  id: UserId,
  name: Schema.String,
  email: Schema.String
})
export type User = typeof User.Type

/** A person in a workspace. `joinedAt` in epoch ms. */
export const Member = Schema.Struct({ ...User.fields, role: Role, joinedAt: Schema.Finite })
export type Member = typeof Member.Type

/** A person's API token, or a session of the console. */
export interface UserCredential {
  readonly _tag: "User"
  readonly userId: UserId
  readonly tokenId: TokenId
  readonly purpose: TokenPurpose
  readonly prefix: string
  /** Those that the token and each of its ancestors have. */
  readonly scopes: ReadonlyArray<Scope>
  /** Epoch ms; null: never. */
  readonly expiresAt: number | null
  /** The token that the person renews: itself, or the one that the session came from; null: the session came from none. */
  readonly origin: { readonly id: TokenId; readonly expiresAt: number | null } | null
}

/** The credential of a machine that joined. It acts for the machine's one daemon in the machine's workspaces only. */
export interface MachineCredential {
  readonly _tag: "Machine"
  readonly machineId: MachineId
  /** The machine's owner, who owns the runtimes that it registers. */
  readonly userId: UserId
  readonly daemonId: DaemonId
  /** Those that the machine serves and whose members include its owner. */
  readonly workspaces: ReadonlyArray<WorkspaceId>
  /** The hash of the machine's fingerprint; null: it has none. */
  readonly fingerprint: string | null
  readonly ephemeral: boolean
  /** Epoch ms. */
  readonly expiresAt: number
}

/**
 * The caller. A person's token acts for the person in every workspace they are a member of; a daemon token acts only
 * for one daemon of one workspace; a machine credential acts for one daemon in the machine's workspaces.
 */
export type Credential =
  | UserCredential
  | { readonly _tag: "Daemon"; readonly workspaceId: WorkspaceId; readonly daemonId: DaemonId }
  | MachineCredential
