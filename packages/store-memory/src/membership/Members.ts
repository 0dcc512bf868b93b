import { type Identity, MemberRules, Membership } from "@muster/domain"
import { Clock, Effect, Result } from "effect"
import type { AccessState } from "../access/AccessState.ts"
import { membersOf, roleOf, setMember } from "../access/Workspaces.ts"
import { depart, type MembershipTables } from "./MembershipTables.ts"

export const refused = (reason: Membership.MemberRefused["reason"]) =>
  Result.fail(new Membership.MemberRefused({ reason }))

const isLastOwner = (state: AccessState, user: Identity.UserId, workspace: Identity.WorkspaceId) =>
  roleOf(state, user, workspace) === "owner" &&
  membersOf(state, workspace).every(({ id, role }) => id === user || role !== "owner")

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
  const [actor, from] = [roleOf(state, by, workspaceId), roleOf(state, userId, workspaceId)]
  if (actor === undefined) return refused("outsider")
  if (from === undefined) return refused("absent")
  if (!MemberRules.mayChangeRole(actor, from, role)) return refused("forbidden")
  if (role !== "owner" && isLastOwner(state, userId, workspaceId)) return refused("last_owner")
  setMember(state, userId, workspaceId, role, now)
  revokeBeyond(state, userId, workspaceId, role, now)
  const { joinedAt } = state.members.get(userId)!.get(workspaceId)!
  const member: Identity.Member = { ...state.users.get(userId)!, role, joinedAt }
  return Result.succeed(member)
}

const removeMember = (tables: MembershipTables, { by, userId, workspaceId }: Removal, now: number) => {
  const state = tables.access
  const [actor, role] = [roleOf(state, by, workspaceId), roleOf(state, userId, workspaceId)]
  if (actor === undefined) return refused("outsider")
  if (role === undefined) return refused("absent")
  if (by !== userId && !MemberRules.mayRemoveMember(actor, role)) return refused("forbidden")
  if (isLastOwner(state, userId, workspaceId)) return refused("last_owner")
  state.members.get(userId)!.delete(workspaceId)
  revokeBeyond(state, userId, workspaceId, undefined, now)
  return Result.succeed(depart(tables, { workspaceId, leaver: userId, reason: "member_left", by }, now))
}

/** The part of Membership that is about members. */
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
