import type { Role } from "../access/Identity.ts"

/**
 * Whether a member with the role `actor` may change another member's role from `from` to `to`. An owner may change any; an
 * admin may change admins and members, and makes no owner. Source: `docs/protocol.md` 3.9.
 */
export const mayChangeRole = (actor: Role, from: Role, to: Role): boolean =>
  actor === "owner" || (actor === "admin" && from !== "owner" && to !== "owner")

/** Whether a member with the role `actor` may remove a member with this role. Everyone may leave. */
export const mayRemoveMember = (actor: Role, role: Role): boolean => mayChangeRole(actor, role, role)

/** Whether a member with the role `actor` may invite a person with this role. Nobody invites an owner. */
export const mayInvite = (actor: Role, role: Role): boolean => actor !== "member" && role !== "owner"

/** Whether a member with this role may change a workspace's name, slug and settings. */
export const mayEditWorkspace = (role: Role): boolean => role !== "member"

/** Whether a member with this role may delete the workspace. */
export const mayDeleteWorkspace = (role: Role): boolean => role === "owner"
