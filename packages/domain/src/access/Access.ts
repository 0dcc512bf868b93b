import { Context, type Effect, type Option, Schema } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { DaemonId } from "./DaemonId.ts"
import type { Credential, Member, Role, TokenId, User, UserId, WorkspaceId } from "./Identity.ts"
import type { Token, TokenHash, TokenPurpose } from "./Token.ts"
import type { Workspace } from "./Workspace.ts"

/** A workspace with this slug exists already. */
export class SlugTaken extends Schema.TaggedError<SlugTaken>()("SlugTaken", { slug: Schema.String }) {}

/**
 * The token that was to make another one may not. `ended`: it is revoked, expired or unknown; `lineage`: it descends from
 * `maxLineage` - 1 others; `full`: its person has `maxApiTokens` tokens for calls that have not ended.
 */
export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", {
  reason: Schema.Literals(["ended", "lineage", "full"])
}) {}

export interface NewToken {
  readonly userId: UserId
  readonly purpose: TokenPurpose
  /** The token of the same person that makes this one; null: the server makes it of its own accord. */
  readonly madeWith: TokenId | null
  readonly name: string
  readonly hash: TokenHash
  readonly prefix: string
  /** Epoch ms; null: never. Its origin's end, where that is earlier. */
  readonly expiresAt: number | null
}

/** What the use of a link answers: whose it was, and the token that it would have ended with. */
export interface Redeemed {
  readonly userId: UserId
  readonly parentId: TokenId | null
}

export interface NewWorkspace {
  readonly name: string
  readonly slug: string
  readonly description: string | null
  readonly context: string | null
  readonly issuePrefix: string
  /** Becomes a member with the role `owner`, in the same transaction. */
  readonly owner: UserId
}

/**
 * Users, members, workspaces and tokens. Every operation is atomic. An absent thing is `Option.none`; a store that cannot
 * answer is `StoreUnavailable`, never absence. Times come from `Clock`.
 */
export class Access extends Context.Service<Access, {
  /**
   * Who a token belongs to, by its hash. None: unknown, revoked or expired, or a token that it descends from was revoked.
   * Does not write.
   */
  readonly authenticate: (hash: TokenHash) => Effect.Effect<Option.Option<Credential>, StoreUnavailable>

  /**
   * Those of these tokens, of whatever kind, that `authenticate` does not know now: for whoever keeps something open for
   * them. One statement however many; at most 10,000.
   */
  readonly ended: (hashes: ReadonlyArray<TokenHash>) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>

  /**
   * A token that ends with its origin (`originOf` the one it is made with) and no later. The user's tokens that ended more
   * than 30 days ago are forgotten in the same step: the table does not grow.
   */
  readonly createToken: (input: NewToken) => Effect.Effect<Token, TokenRefused | StoreUnavailable>
  /** Not revoked ones, expired ones included, newest first; at most 1,000. */
  readonly listTokens: (user: UserId) => Effect.Effect<ReadonlyArray<Token>, StoreUnavailable>
  /**
   * Revokes the token and all that descend from it. Idempotent; answers the hashes of all of them, so that caches can
   * forget them. Empty: not this user's, or unknown.
   */
  readonly revokeToken: (user: UserId, id: TokenId) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>
  /**
   * Ends a token by using it: of any number who present it at once, on any replica, one is told whose it was. None:
   * unknown, expired, revoked (it, or one that it descends from) or used before.
   */
  readonly redeemToken: (hash: TokenHash) => Effect.Effect<Option.Option<Redeemed>, StoreUnavailable>
  /** Notes that these tokens were used at `at` (epoch ms). Unknown hashes are skipped. One statement however many. */
  readonly touchTokens: (hashes: ReadonlyArray<TokenHash>, at: number) => Effect.Effect<void, StoreUnavailable>
  /**
   * A credential bound to one daemon of one workspace. `expiresAt` in epoch ms. Those of that daemon that have expired
   * are forgotten.
   */
  readonly createDaemonToken: (input: {
    readonly workspaceId: WorkspaceId
    readonly daemonId: DaemonId
    readonly hash: TokenHash
    readonly expiresAt: number
  }) => Effect.Effect<void, StoreUnavailable>

  /** The user with this e-mail (trimmed, lower case), made if there is none. Idempotent under concurrency. */
  readonly ensureUser: (email: string, name: string) => Effect.Effect<User, StoreUnavailable>
  readonly user: (id: UserId) => Effect.Effect<Option.Option<User>, StoreUnavailable>

  readonly createWorkspace: (input: NewWorkspace) => Effect.Effect<Workspace, SlugTaken | StoreUnavailable>
  readonly workspace: (id: WorkspaceId) => Effect.Effect<Option.Option<Workspace>, StoreUnavailable>
  readonly workspaceBySlug: (slug: string) => Effect.Effect<Option.Option<Workspace>, StoreUnavailable>
  /** Those the user is a member of, oldest first; at most 1,000. */
  readonly workspacesOf: (user: UserId) => Effect.Effect<ReadonlyArray<Workspace>, StoreUnavailable>
  /** None: not a member, or no such workspace. */
  readonly roleOf: (user: UserId, workspace: WorkspaceId) => Effect.Effect<Option.Option<Role>, StoreUnavailable>
  /** Who is what in a workspace, in the order of joining; at most 1,000. */
  readonly membersOf: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<Member>, StoreUnavailable>
  /** Adds the member or changes their role. */
  readonly setMember: (user: UserId, workspace: WorkspaceId, role: Role) => Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/access/Access") {}
