import type { Credential, Role, Token, TokenHash, TokenId, User, UserId, Workspace, WorkspaceId } from "@muster/domain"

/** A daemon's credential with the moment (epoch ms) at which it dies. */
export interface DaemonToken {
  readonly credential: Credential
  readonly expiresAt: number
}

/**
 * The tables of access. Layers built on the same state are nodes of one backend. Rows are never changed in place, so
 * what was handed out stays as it was.
 */
export class AccessState {
  readonly users = new Map<UserId, User>()
  readonly userByEmail = new Map<string, UserId>()
  readonly workspaces = new Map<WorkspaceId, Workspace>()
  readonly workspaceBySlug = new Map<string, WorkspaceId>()
  readonly members = new Map<UserId, Map<WorkspaceId, Role>>()
  /** In the order of creation, as every map here. */
  readonly tokens = new Map<TokenId, Token>()
  readonly tokenByHash = new Map<TokenHash, TokenId>()
  readonly hashOf = new Map<TokenId, TokenHash>()
  /** When each was revoked; kept, so that whoever revokes one again still hears its hash. */
  readonly revoked = new Map<TokenId, number>()
  readonly daemonTokens = new Map<TokenHash, DaemonToken>()
}
