import { Schema } from "effect"
import { Uuid } from "../id/Uuid.ts"
import type { DaemonId } from "./DaemonId.ts"

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

/**
 * The credential of a machine that joined: it acts for the machine's one daemon, in the machine's workspaces, and for
 * nothing else.
 */
export interface MachineCredential {
  readonly _tag: "Machine"
  readonly machineId: MachineId
  /** The machine's owner, who owns the runtimes that it registers. */
  readonly userId: UserId
  readonly daemonId: DaemonId
  /** Those that the machine serves and its owner is a member of. */
  readonly workspaces: ReadonlyArray<WorkspaceId>
  /** The hash of a mark of the machine that joined; null: it has none. */
  readonly fingerprint: string | null
  readonly ephemeral: boolean
  /** Epoch ms. */
  readonly expiresAt: number
}

/**
 * Who is calling. A person's token acts for the person in every workspace they are a member of; a daemon token acts for
 * one daemon of one workspace and nothing else; a machine's credential for one daemon in the machine's workspaces.
 */
export type Credential =
  | { readonly _tag: "User"; readonly userId: UserId; readonly tokenId: TokenId }
  | { readonly _tag: "Daemon"; readonly workspaceId: WorkspaceId; readonly daemonId: DaemonId }
  | MachineCredential
