import type { Identity, Invitation, Token, Workspace } from "@muster/domain"

/** A daemon's credential with its expiry (epoch ms). */
export interface DaemonToken {
  readonly credential: Identity.Credential
  readonly expiresAt: number
}

/** A membership; `joinedAt` in epoch ms. */
interface MemberRow {
  readonly role: Identity.Role
  readonly joinedAt: number
}

/** An invitation without the names of its inviter and workspace, which may change. */
export type InvitationRow = Omit<
  Invitation.Invitation,
  "workspaceName" | "workspaceSlug" | "inviterName" | "inviterEmail"
>

/**
 * The tables of access. Layers built on the same state are nodes of one backend. Rows are never changed in place, so a
 * returned row does not change.
 */
export class AccessState {
  readonly users = new Map<Identity.UserId, Identity.User>()
  readonly userByEmail = new Map<string, Identity.UserId>()
  /** The users who chose their e-mail without proof that it is theirs. */
  readonly claimed = new Set<Identity.UserId>()
  /** Linked accounts, by issuer and subject. */
  readonly accounts = new Map<string, { readonly issuer: string; readonly userId: Identity.UserId }>()
  readonly workspaces = new Map<Identity.WorkspaceId, Workspace.Workspace>()
  readonly workspaceBySlug = new Map<string, Identity.WorkspaceId>()
  readonly members = new Map<Identity.UserId, Map<Identity.WorkspaceId, MemberRow>>()
  readonly invitations = new Map<Invitation.InvitationId, InvitationRow>()
  readonly invitationByHash = new Map<Token.TokenHash, Invitation.InvitationId>()
  /** In the order of creation, as every map here. */
  readonly tokens = new Map<Identity.TokenId, Token.Token>()
  readonly tokenByHash = new Map<Token.TokenHash, Identity.TokenId>()
  readonly hashOf = new Map<Identity.TokenId, Token.TokenHash>()
  /** When each was revoked; kept, so that a repeated revocation still returns its hash. */
  readonly revoked = new Map<Identity.TokenId, number>()
  readonly daemonTokens = new Map<Token.TokenHash, DaemonToken>()
}
