import { type Invitation, type Membership, type Store, WireError } from "@muster/domain"

/** Why a change of members or of a workspace was refused, as the protocol words it. Source: `docs/protocol.md` 3.9. */
const ofMember = {
  outsider: WireError.workspaceNotFound,
  forbidden: WireError.insufficient,
  absent: () => WireError.absent("member"),
  last_owner: WireError.lastOwner
} satisfies Record<Membership.MemberRefused["reason"], () => unknown>

const conflict = (error: string, code: string) => new WireError.Conflict({ error, code })

const ofInvite = (bound: number) =>
  ({
    outsider: WireError.workspaceNotFound,
    forbidden: WireError.insufficient,
    member: () => conflict("user is already a member", "already_member"),
    pending: () => conflict("invitation already pending for this email", "invitation_pending"),
    full: () =>
      WireError.tooMany(`this workspace has ${bound} pending invitations, which is the most: revoke some of them`)
  }) satisfies Record<Membership.InviteRefused["reason"], () => unknown>

/** What any acceptance is refused with, whether by link or by e-mail. */
const ofJoining = {
  member: () => conflict("you are already a member of this workspace", "already_member"),
  members_full: () => conflict("this workspace has as many members as it can have", "members_full"),
  workspaces_full: () =>
    conflict("you are in as many workspaces as a person can be: leave one first", "workspaces_full")
}

const gone = (how: string, status: Invitation.InvitationStatus) =>
  WireError.ended(`this invitation ${how}: ask for a new one`, `invitation_${status}`)

/** Why a link does not admit its bearer: one sentence each, with what to do next. */
const ofLink = {
  ...ofJoining,
  unknown: () =>
    new WireError.NotFound({
      error: "this invitation link is not valid: check that it is complete, or ask for a new one",
      code: "invitation_not_found"
    }),
  accepted: () => gone("was used already", "accepted"),
  declined: () => gone("was declined", "declined"),
  revoked: () => gone("was revoked", "revoked"),
  expired: () => gone("has expired", "expired"),
  another: () =>
    new WireError.Forbidden({
      error: "this invitation is for another e-mail address: sign in as that person, or use that address",
      code: "invitation_of_another"
    }),
  email_taken: () =>
    conflict("an account with this e-mail address exists: sign in to it, then open the link again", "email_taken")
} satisfies Record<Membership.AcceptRefused["reason"], () => unknown>

const notPending = () => WireError.bad("invitation is not pending")

/** The same by an invitation's id, in the reference's words. */
const ofId = {
  ...ofLink,
  unknown: () => WireError.absent("invitation"),
  accepted: notPending,
  declined: notPending,
  revoked: notPending,
  expired: () => WireError.ended("invitation has expired", "invitation_expired"),
  another: () => WireError.forbidden("invitation does not belong to you")
} satisfies Record<Membership.AcceptRefused["reason"], () => unknown>

const unable = (what: string, cause: Store.StoreUnavailable) => WireError.fault(`failed to ${what}`, cause)

/** The protocol's error for a change of members or of a workspace; `what` names what failed in an outage. */
export const memberError = (what: string) => (error: Membership.MemberRefused | Store.StoreUnavailable) =>
  error._tag === "MemberRefused" ? ofMember[error.reason]() : unable(what, error)

/** The same for a new invitation; `max`: how many a workspace may have. */
export const inviteError = (max: number) => (error: Membership.InviteRefused | Store.StoreUnavailable) =>
  error._tag === "InviteRefused" ? ofInvite(max)[error.reason]() : unable("create invitation", error)

/** The same for what a person does with an invitation of theirs. */
export const invitationError = (what: string) => (error: Membership.AcceptRefused | Store.StoreUnavailable) =>
  error._tag === "AcceptRefused" ? ofId[error.reason]() : unable(what, error)

/** The same for what the bearer of a link does. */
export const linkError = (error: Membership.AcceptRefused | Store.StoreUnavailable) =>
  error._tag === "AcceptRefused" ? ofLink[error.reason]() : unable("accept invitation", error)

/** Why an invitation link cannot be accepted. */
export const lookRefusal = (status: "unknown" | Exclude<Invitation.InvitationStatus, "pending">) => ofLink[status]()
