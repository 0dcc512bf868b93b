import { Access, type Identity, Invitation, MemberRules, Membership, type Workspace } from "@muster/domain"
import { Clock, Effect, Option, Result } from "effect"
import type { AccessState } from "../access/AccessState.ts"
import { membersOf, roleOf } from "../access/Workspaces.ts"
import { refused } from "./Members.ts"
import { depart, type MembershipTables } from "./MembershipTables.ts"

type Service = Membership.Membership["Service"]

const editUser = (
  state: AccessState,
  id: Identity.UserId,
  edit: Membership.UserEdit
): Result.Result<Option.Option<Identity.User>, Membership.EmailTaken> => {
  const user = state.users.get(id)
  if (user === undefined) return Result.succeed(Option.none())
  const changed = { ...user, ...edit }
  const holder = state.userByEmail.get(changed.email)
  if (holder !== undefined && holder !== id) return Result.fail(new Membership.EmailTaken({ email: changed.email }))
  state.userByEmail.delete(user.email)
  state.userByEmail.set(changed.email, id)
  state.users.set(id, changed)
  if (changed.email !== user.email) state.claimed.add(id)
  return Result.succeed(Option.some(changed))
}

const editWorkspace = (
  state: AccessState,
  { by, edit, workspaceId }: Parameters<Service["editWorkspace"]>[0],
  now: number
): Result.Result<Workspace.Workspace, Membership.MemberRefused | Access.SlugTaken> => {
  const role = roleOf(state, by, workspaceId)
  const workspace = state.workspaces.get(workspaceId)
  if (role === undefined || workspace === undefined) return refused("outsider")
  if (!MemberRules.mayEditWorkspace(role)) return refused("forbidden")
  const changed: Workspace.Workspace = { ...workspace, ...edit, updatedAt: now }
  const holder = state.workspaceBySlug.get(changed.slug)
  if (holder !== undefined && holder !== workspaceId) return Result.fail(new Access.SlugTaken({ slug: changed.slug }))
  state.workspaceBySlug.delete(workspace.slug)
  state.workspaceBySlug.set(changed.slug, workspaceId)
  state.workspaces.set(workspaceId, changed)
  return Result.succeed(changed)
}

const contentsOf = (
  { access, journal, machines, registry, skills }: MembershipTables,
  id: Identity.WorkspaceId,
  now: number
): Option.Option<Workspace.WorkspaceContents> => {
  if (!access.workspaces.has(id)) return Option.none()
  const isOf = ({ workspaceId }: { readonly workspaceId: Identity.WorkspaceId }) => workspaceId === id
  const isPending = (row: Parameters<typeof Invitation.statusAt>[0]) => Invitation.statusAt(row, now) === "pending"
  const isDaemons = ({ credential, expiresAt }: { readonly credential: object; readonly expiresAt: number }) =>
    "workspaceId" in credential && credential.workspaceId === id && expiresAt > now
  return Option.some({
    members: membersOf(access, id).length,
    invitations: [...access.invitations.values()].filter((row) => isOf(row) && isPending(row)).length,
    runtimes: [...registry.rows].filter(isOf).length,
    machines: [...machines.machines.values()].filter(({ ownerId, workspaces }) =>
      workspaces.includes(id) && roleOf(access, ownerId, id) !== undefined
    ).length,
    daemonTokens: [...access.daemonTokens.values()].filter(isDaemons).length,
    skills: [...skills.skills.values()].filter(isOf).length,
    requests: journal.countOf(id)
  })
}

const deleteWorkspace = (
  tables: MembershipTables,
  { by, confirm, workspaceId }: Parameters<Service["deleteWorkspace"]>[0],
  now: number
): Result.Result<Membership.Departed, Membership.MemberRefused | Membership.NotConfirmed> => {
  const { access, journal, skills } = tables
  const role = roleOf(access, by, workspaceId)
  const workspace = access.workspaces.get(workspaceId)
  if (role === undefined || workspace === undefined) return refused("outsider")
  if (!MemberRules.mayDeleteWorkspace(role)) return refused("forbidden")
  if (confirm !== workspace.slug) return Result.fail(new Membership.NotConfirmed({ slug: workspace.slug }))
  const departed = depart(tables, { workspaceId, leaver: null, reason: "workspace_deleted", by }, now)
  for (const places of access.members.values()) places.delete(workspaceId)
  for (const [hash, id] of access.invitationByHash) {
    if (access.invitations.get(id)?.workspaceId !== workspaceId) continue
    access.invitationByHash.delete(hash)
    access.invitations.delete(id)
  }
  for (const skill of skills.skills.values()) if (skill.workspaceId === workspaceId) skills.skills.delete(skill.id)
  journal.forget(workspaceId)
  access.workspaceBySlug.delete(workspace.slug)
  access.workspaces.delete(workspaceId)
  return Result.succeed(departed)
}

/** The part of Membership for users and workspaces. */
export const workspaceChanges = (tables: MembershipTables) =>
  ({
    editUser: (user, edit) => Effect.suspend(() => Effect.fromResult(editUser(tables.access, user, edit))),
    editWorkspace: (change) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(editWorkspace(tables.access, change, now))),
    contentsOf: (workspace) => Effect.map(Clock.currentTimeMillis, (now) => contentsOf(tables, workspace, now)),
    deleteWorkspace: (change) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(deleteWorkspace(tables, change, now)))
  }) satisfies Partial<Service>
