import { Context, type Effect, type Option, Schema } from "effect"
import type { NewToken, SlugTaken } from "../access/Access.ts"
import type { Member, Role, User, UserId, WorkspaceId } from "../access/Identity.ts"
import type { Token, TokenHash } from "../access/Token.ts"
import type { Workspace, WorkspaceContents } from "../access/Workspace.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Invitation, InvitationId } from "./Invitation.ts"

/**
 * A refused change of members or of a workspace. `outsider`: the caller is not a member, or the workspace is gone;
 * `forbidden`: the caller's role does not allow it; `absent`: the person is not a member; `last_owner`: the workspace
 * would have no owner.
 */
export class MemberRefused extends Schema.TaggedError<MemberRefused>()("MemberRefused", {
  reason: Schema.Literals(["outsider", "forbidden", "absent", "last_owner"])
}) {}

/**
 * An invitation that was not made. `outsider` and `forbidden` as for `MemberRefused`; `member`: a member has this e-mail;
 * `pending`: an invitation for it is pending; `full`: the workspace has `maxPending` pending ones.
 */
export class InviteRefused extends Schema.TaggedError<InviteRefused>()("InviteRefused", {
  reason: Schema.Literals(["outsider", "forbidden", "member", "pending", "full"])
}) {}

/**
 * An invitation that was not accepted, declined or revoked. `unknown`: it does not exist, or is no longer kept;
 * `accepted`, `declined`, `revoked`, `expired`: how it ended; `another`: it is for another person; `email_taken`: a
 * user has the e-mail of the newcomer, who must sign in first; `member`: the person is a member already;
 * `members_full`, `workspaces_full`: the workspace has `maxMembers`, the person is in `maxWorkspaces`.
 */
export class AcceptRefused extends Schema.TaggedError<AcceptRefused>()("AcceptRefused", {
  reason: Schema.Literals([
    "unknown",
    "accepted",
    "declined",
    "revoked",
    "expired",
    "another",
    "email_taken",
    "member",
    "members_full",
    "workspaces_full"
  ])
}) {}

/** Another user has this e-mail. */
export class EmailTaken extends Schema.TaggedError<EmailTaken>()("EmailTaken", { email: Schema.String }) {}

/** The slug that was typed to confirm a deletion is not the workspace's. */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>()("NotConfirmed", { slug: Schema.String }) {}

/** A person in a workspace. */
export interface Place {
  readonly workspaceId: WorkspaceId
  readonly userId: UserId
}

/** A change by a member, `by`, whose role is checked in the write. */
export interface ByMember {
  readonly workspaceId: WorkspaceId
  readonly by: UserId
}

/** What left a workspace: a member's runtimes, or all of them. Caches of runtimes and tokens must drop these. */
export interface Departed {
  readonly runtimes: ReadonlyArray<RuntimeId>
  /** The tokens of daemons and the credentials of machines that ended. */
  readonly tokens: ReadonlyArray<TokenHash>
}

export interface NewInvitation extends ByMember {
  readonly role: Role
  /** Normalized (`normalEmail`); null: anyone who has the link can accept. */
  readonly email: string | null
  /** The hash of the link's secret. */
  readonly hash: TokenHash
  /** Epoch ms. */
  readonly expiresAt: number
}

/** An invitation by the hash of its link's secret, or by its id, which only the invited person can use. */
export type InvitationKey = { readonly hash: TokenHash } | { readonly id: InvitationId }

/** A person without an account who accepts a link: they get an account and this token, in the same transaction. */
export interface Newcomer {
  readonly name: string
  /** Normalized (`normalEmail`). */
  readonly email: string
  readonly token: Omit<NewToken, "userId" | "madeWith">
}

export interface Accepted {
  readonly user: User
  /** As it is now: accepted. */
  readonly invitation: Invitation
  /** The newcomer's token. */
  readonly token: Token | null
}

/** Which fields of a user change; an absent key does not change. */
export interface UserEdit {
  readonly name?: string
  /** Normalized (`normalEmail`). */
  readonly email?: string
}

/** Which fields of a workspace change; an absent key does not change. */
export type WorkspaceEdit = Partial<
  Pick<Workspace, "name" | "slug" | "description" | "context" | "settings" | "repos" | "issuePrefix">
>

/**
 * Who is in which workspace, and how that changes: roles, invitations, departures, and the workspaces themselves. Every
 * operation is one transaction. Changes of one workspace are serialized, and the write checks the rules
 * (`MemberRules.ts`). A store that cannot answer is `StoreUnavailable`, never absence. Times come from `Clock`.
 */
export class Membership extends Context.Service<Membership, {
  /** A demotion revokes the pending invitations that the member could not make with the new role. */
  readonly changeRole: (
    change: ByMember & { readonly userId: UserId; readonly role: Role }
  ) => Effect.Effect<Member, MemberRefused | StoreUnavailable>
  /**
   * Removes a member; `by` the member: they leave. Their runtimes in the workspace are removed with a tombstone
   * (`member_left`), their machines leave it, the tokens of their daemons there end, and their pending invitations, join
   * tokens and join keys are revoked. A machine that serves no workspace then is removed with its credentials.
   */
  readonly removeMember: (
    change: ByMember & { readonly userId: UserId }
  ) => Effect.Effect<Departed, MemberRefused | StoreUnavailable>
  /** Those of these people who are not members of that workspace. One statement; at most 10,000. */
  readonly outsiders: (places: ReadonlyArray<Place>) => Effect.Effect<ReadonlyArray<Place>, StoreUnavailable>

  /**
   * An e-mail that its user chose without proof names no invited person: they need the link. Removes the workspace's
   * invitations that ended more than 30 days ago, so the table does not grow.
   */
  readonly invite: (input: NewInvitation) => Effect.Effect<Invitation, InviteRefused | StoreUnavailable>
  /** Those of a workspace that can still be accepted, newest first; at most 1,000. */
  readonly pendingInvitations: (
    workspace: WorkspaceId
  ) => Effect.Effect<ReadonlyArray<Invitation>, StoreUnavailable>
  /** Those for this person that can still be accepted, newest first; at most 1,000. */
  readonly invitationsFor: (user: UserId) => Effect.Effect<ReadonlyArray<Invitation>, StoreUnavailable>
  /** With any status. None: unknown, or no longer kept. */
  readonly invitation: (key: InvitationKey) => Effect.Effect<Option.Option<Invitation>, StoreUnavailable>
  /** Idempotent. False: no invitation of this workspace. An accepted or declined one does not change. */
  readonly revokeInvitation: (
    change: ByMember & { readonly id: InvitationId }
  ) => Effect.Effect<boolean, MemberRefused | StoreUnavailable>
  /**
   * Makes the membership and, for a newcomer, the user and a token. If any number of callers accept one invitation
   * concurrently, on any replicas, one succeeds and the others get `accepted`.
   */
  readonly accept: (
    key: InvitationKey,
    by: UserId | Newcomer
  ) => Effect.Effect<Accepted, AcceptRefused | StoreUnavailable>
  /** By the invited person. */
  readonly decline: (id: InvitationId, by: UserId) => Effect.Effect<Invitation, AcceptRefused | StoreUnavailable>

  /** None: no such user. */
  readonly editUser: (
    user: UserId,
    edit: UserEdit
  ) => Effect.Effect<Option.Option<User>, EmailTaken | StoreUnavailable>
  readonly editWorkspace: (
    change: ByMember & { readonly edit: WorkspaceEdit }
  ) => Effect.Effect<Workspace, MemberRefused | SlugTaken | StoreUnavailable>
  /** What a deletion of the workspace would lose. None: no such workspace. */
  readonly contentsOf: (
    workspace: WorkspaceId
  ) => Effect.Effect<Option.Option<WorkspaceContents>, StoreUnavailable>
  /**
   * Deletes the workspace and everything in it: members, invitations, runtimes (with a tombstone, `workspace_deleted`),
   * daemons' tokens, join keys, kept lists, skills, the journal. Its machines leave it, as with `removeMember`. `confirm`: its slug, which is compared in the write.
   */
  readonly deleteWorkspace: (
    change: ByMember & { readonly confirm: string }
  ) => Effect.Effect<Departed, MemberRefused | NotConfirmed | StoreUnavailable>
}>()("@muster/domain/membership/Membership") {}
