import { Context, type Effect, type Option, Schema } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Account } from "./Account.ts"
import type { DaemonId } from "./DaemonId.ts"
import type { Credential, Member, Role, TokenId, User, UserId, WorkspaceId } from "./Identity.ts"
import type { Scope } from "./Scope.ts"
import type { Token, TokenHash, TokenPurpose } from "./Token.ts"
import type { Workspace } from "./Workspace.ts"

/** A workspace with this slug exists already. */
export class SlugTaken extends Schema.TaggedError<SlugTaken>()("SlugTaken", { slug: Schema.String }) {}

/**
 * The parent token may not make another token. `ended`: it is revoked, expired or unknown; `lineage`: it already
 * descends from `maxLineage` - 1 others; `full`: its person has `maxApiTokens` API tokens that have not ended; `scope`: it
 * lacks a scope of the new one.
 */
export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", {
  reason: Schema.Literals(["ended", "lineage", "full", "scope"])
}) {}

/** The person of an account that is linked for the first time, whose e-mail the provider has verified. */
export interface NewAccount {
  readonly email: string
  readonly name: string
  /** The workspace that the person joins as `member`; null: none. */
  readonly joins: WorkspaceId | null
}

/**
 * An account that was not linked. `another`: the user signs in with another account of the issuer; `claimed`: the user with
 * this e-mail chose it without proof that it is theirs; `taken`: the account is another user's.
 */
export class AccountRefused extends Schema.TaggedError<AccountRefused>()("AccountRefused", {
  reason: Schema.Literals(["another", "claimed", "taken"])
}) {}

export interface NewToken {
  readonly userId: UserId
  readonly purpose: TokenPurpose
  /** The token of the same person that makes this one; null: the server makes it itself. */
  readonly madeWith: TokenId | null
  readonly name: string
  /** Normalized, and within those of its maker. Absent: its maker's; all, where the server makes it. */
  readonly scopes?: ReadonlyArray<Scope>
  readonly hash: TokenHash
  readonly prefix: string
  /** Epoch ms; null: never. If its origin ends earlier, that time applies. */
  readonly expiresAt: number | null
}

/** The result of using a link: its owner, its scopes, and the token that it depended on. */
export interface Redeemed {
  readonly userId: UserId
  readonly scopes: ReadonlyArray<Scope>
  readonly parentId: TokenId | null
}

/** A token with its new end; the hash is for caches of the old one. */
export interface Renewed {
  readonly token: Token
  readonly hash: TokenHash
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
   * Returns those of these tokens, of any kind, that `authenticate` would refuse now; for callers that keep a
   * connection open for them. One statement for any number; at most 10,000.
   */
  readonly ended: (hashes: ReadonlyArray<TokenHash>) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>

  /**
   * A token that ends with its origin (`originOf` the parent token) and no later. The same step removes the user's
   * tokens that ended more than 30 days ago, so the table does not grow.
   */
  readonly createToken: (input: NewToken) => Effect.Effect<Token, TokenRefused | StoreUnavailable>
  /** Not revoked ones, expired ones included, newest first; at most 1,000. */
  readonly listTokens: (user: UserId) => Effect.Effect<ReadonlyArray<Token>, StoreUnavailable>
  /**
   * Revokes the token and all its descendants. Idempotent. Returns the hashes of all of them, so that caches can drop
   * them. Empty: not this user's, or unknown.
   */
  readonly revokeToken: (user: UserId, id: TokenId) => Effect.Effect<ReadonlyArray<TokenHash>, StoreUnavailable>
  /**
   * Moves the end of an API token to `until` (epoch ms): no later than its origin ends, and never to an earlier time than
   * it has. None: not this user's, unknown, ended, no API token, or without an end.
   */
  readonly renewToken: (
    user: UserId,
    id: TokenId,
    until: number
  ) => Effect.Effect<Option.Option<Renewed>, StoreUnavailable>
  /**
   * Ends a token by using it. If any number of callers present it concurrently, on any replicas, exactly one gets its
   * owner. None: unknown, expired, used before or revoked (it or an ancestor).
   */
  readonly redeemToken: (hash: TokenHash) => Effect.Effect<Option.Option<Redeemed>, StoreUnavailable>
  /**
   * Records that these tokens were used at `at` (epoch ms). Unknown hashes are skipped. One statement for any number.
   */
  readonly touchTokens: (hashes: ReadonlyArray<TokenHash>, at: number) => Effect.Effect<void, StoreUnavailable>
  /**
   * A credential bound to one daemon of one workspace. `expiresAt` in epoch ms. Expired ones of that daemon are
   * removed.
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

  /** The user that an account is linked to. None: it is not linked. */
  readonly userOfAccount: (account: Account) => Effect.Effect<Option.Option<User>, StoreUnavailable>
  /**
   * Links an account to the user with this e-mail, made if there is none, and returns the user. An account that is linked
   * keeps its user, whatever the e-mail; concurrent callers get the same user. A user has one account per issuer. With the
   * new link, and only then, the user becomes a member of `joins`, if they are not; a workspace that is gone or full is
   * skipped.
   */
  readonly linkAccount: (account: Account, person: NewAccount) => Effect.Effect<User, AccountRefused | StoreUnavailable>
  /** Links an account to this user, who has signed in. Idempotent. `claimed` does not apply; none: no such user. */
  readonly connectAccount: (
    account: Account,
    user: UserId
  ) => Effect.Effect<Option.Option<User>, AccountRefused | StoreUnavailable>

  readonly createWorkspace: (input: NewWorkspace) => Effect.Effect<Workspace, SlugTaken | StoreUnavailable>
  readonly workspace: (id: WorkspaceId) => Effect.Effect<Option.Option<Workspace>, StoreUnavailable>
  readonly workspaceBySlug: (slug: string) => Effect.Effect<Option.Option<Workspace>, StoreUnavailable>
  /** Those the user is a member of, oldest first; at most 1,000. */
  readonly workspacesOf: (user: UserId) => Effect.Effect<ReadonlyArray<Workspace>, StoreUnavailable>
  /** None: not a member, or no such workspace. */
  readonly roleOf: (user: UserId, workspace: WorkspaceId) => Effect.Effect<Option.Option<Role>, StoreUnavailable>
  /** The members of a workspace with their roles, in the order of joining; at most 1,000. */
  readonly membersOf: (workspace: WorkspaceId) => Effect.Effect<ReadonlyArray<Member>, StoreUnavailable>
  /** Adds the member or changes their role. */
  readonly setMember: (user: UserId, workspace: WorkspaceId, role: Role) => Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/access/Access") {}
