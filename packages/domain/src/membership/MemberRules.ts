import type { Role } from "../access/Identity.ts"
import { type Invitation, type InvitationStatus, isFor, type Person } from "./Invitation.ts"
import type { AcceptRefused, InvitationKey, InviteRefused, MemberRefused } from "./Membership.ts"

/**
 * Whether a member with the role `actor` may change another member's role from `from` to `to`. An owner may change any; an
 * admin may change admins and members, and makes no owner. Source: `docs/protocol.md` 3.9.
 */
export const mayChangeRole = (actor: Role, from: Role, to: Role): boolean =>
  actor === "owner" || (actor === "admin" && from !== "owner" && to !== "owner")

/** Whether a member with the role `actor` may remove a member with this role. Everyone may leave. */
export const mayRemoveMember = (actor: Role, role: Role): boolean => mayChangeRole(actor, role, role)

/** Whether a member with the role `actor` may invite a person with this role. An owner cannot be invited. */
export const mayInvite = (actor: Role, role: Role): boolean => actor !== "member" && role !== "owner"

/** Whether a member with this role may change a workspace's name, slug and settings. */
export const mayEditWorkspace = (role: Role): boolean => role !== "member"

/** Whether a member with this role may delete the workspace. */
export const mayDeleteWorkspace = (role: Role): boolean => role === "owner"

/** What a change of a member finds in the write. An undefined role: not a member. */
interface Found {
  readonly actor: Role | undefined
  readonly role: Role | undefined
  /** Whether the member is the only owner. */
  readonly isLastOwner: boolean
}

/** Why a member's role does not become `to`; undefined: it does. */
export const refuseRoleChange = (
  { actor, isLastOwner, role }: Found,
  to: Role
): MemberRefused["reason"] | undefined => {
  if (actor === undefined) return "outsider"
  if (role === undefined) return "absent"
  if (!mayChangeRole(actor, role, to)) return "forbidden"
  return isLastOwner && to !== "owner" ? "last_owner" : undefined
}

/** Why a member is not removed; `isSelf`: they leave. */
export const refuseRemoval = (
  { actor, isLastOwner, role }: Found,
  isSelf: boolean
): MemberRefused["reason"] | undefined => {
  if (actor === undefined) return "outsider"
  if (role === undefined) return "absent"
  if (!isSelf && !mayRemoveMember(actor, role)) return "forbidden"
  return isLastOwner ? "last_owner" : undefined
}

/** Why an invitation is not made. */
export const refuseInvite = (found: {
  readonly actor: Role | undefined
  readonly role: Role
  /** A member has the invitation's e-mail. */
  readonly isMember: boolean
  /** An invitation for its e-mail can still be accepted. */
  readonly isPending: boolean
  readonly isFull: boolean
}): InviteRefused["reason"] | undefined => {
  if (found.actor === undefined) return "outsider"
  if (!mayInvite(found.actor, found.role)) return "forbidden"
  if (found.isMember) return "member"
  if (found.isPending) return "pending"
  return found.isFull ? "full" : undefined
}

/** Why an invitation is not accepted by this person. A person who is a member learns that, whatever became of it. */
export const refuseAcceptance = (found: {
  readonly invitation: Invitation
  readonly status: InvitationStatus
  readonly key: InvitationKey
  readonly person: Person
  readonly isMember: boolean
  /** The person is a newcomer, and a user has their e-mail. */
  readonly isEmailTaken: boolean
  readonly isWorkspaceFull: boolean
  readonly isPersonFull: boolean
}): AcceptRefused["reason"] | undefined => {
  if (found.isMember) return "member"
  if (found.status !== "pending") return found.status
  if (!isFor(found.invitation, found.key, found.person)) return "another"
  if (found.isEmailTaken) return "email_taken"
  if (found.isWorkspaceFull) return "members_full"
  return found.isPersonFull ? "workspaces_full" : undefined
}
