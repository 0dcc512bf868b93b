import { type Identity, MemberRules, Membership } from "@muster/domain"
import { Clock, Effect, Result } from "effect"
import type { AccessState } from "../access/AccessState.ts"
import { membersOf, roleOf, setMember } from "../access/Workspaces.ts"
import { depart, type MembershipTables } from "./MembershipTables.ts"

export const refused = (reason: Membership.MemberRefused["reason"]) =>
  Result.fail(new Membership.MemberRefused({ reason }))

/** The state that a change of a member, `user`, by another one finds. */
const foundIn = (
  state: AccessState,
  by: Identity.UserId,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId
) => {
  const role = roleOf(state, user, workspace)
  const isLastOwner = role === "owner" &&
    membersOf(state, workspace).every(({ id, role }) => id === user || role !== "owner")
  return { actor: roleOf(state, by, workspace), role, isLastOwner }
}

/** Revokes the pending invitations of a person that someone with this role (undefined: no member) could not make. */
const revokeBeyond = (
  state: AccessState,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId,
  role: Identity.Role | undefined,
  now: number
) => {
  for (const row of state.invitations.values()) {
    if (row.inviterId !== user || row.workspaceId !== workspace || row.status !== "pending") continue
    if (role !== undefined && MemberRules.mayInvite(role, row.role)) continue
    state.invitations.set(row.id, { ...row, status: "revoked", updatedAt: now })
  }
}

type Service = Membership.Membership["Service"]
type RoleChange = Parameters<Service["changeRole"]>[0]
type Removal = Parameters<Service["removeMember"]>[0]

const changeRole = (state: AccessState, { by, role, userId, workspaceId }: RoleChange, now: number) => {
  const reason = MemberRules.refuseRoleChange(foundIn(state, by, userId, workspaceId), role)
  if (reason !== undefined) return refused(reason)
  setMember(state, userId, workspaceId, role, now)
  revokeBeyond(state, userId, workspaceId, role, now)
  const { joinedAt } = state.members.get(userId)!.get(workspaceId)!
  const member: Identity.Member = { ...state.users.get(userId)!, role, joinedAt }
  return Result.succeed(member)
}

const removeMember = (tables: MembershipTables, { by, userId, workspaceId }: Removal, now: number) => {
  const state = tables.access
  const reason = MemberRules.refuseRemoval(foundIn(state, by, userId, workspaceId), by === userId)
  if (reason !== undefined) return refused(reason)
  state.members.get(userId)!.delete(workspaceId)
  revokeBeyond(state, userId, workspaceId, undefined, now)
  return Result.succeed(depart(tables, { workspaceId, leaver: userId, reason: "member_left", by }, now))
}

/** The part of Membership for members. */
export const members = (tables: MembershipTables) =>
  ({
    changeRole: (change) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(changeRole(tables.access, change, now))),
    removeMember: (change) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(removeMember(tables, change, now))),
    outsiders: (places) =>
      Effect.sync(() =>
        places.filter(({ userId, workspaceId }) => roleOf(tables.access, userId, workspaceId) === undefined)
      )
  }) satisfies Partial<Service>
