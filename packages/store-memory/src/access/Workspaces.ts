import { Access, Identity, Uuid, type Workspace } from "@muster/domain"
import { Clock, Effect, Option, Result } from "effect"
import type { AccessState } from "./AccessState.ts"

/** The most workspaces or members a list carries. */
const most = 1_000

const ensureUser = (state: AccessState, email: string, name: string, id: Identity.UserId): Identity.User => {
  const key = email.trim().toLowerCase()
  const known = state.users.get(state.userByEmail.get(key) ?? id)
  if (known !== undefined) return known
  const user: Identity.User = { id, name, email: key }
  state.users.set(id, user)
  state.userByEmail.set(key, id)
  return user
}

const setMember = (
  state: AccessState,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId,
  role: Identity.Role
): void => {
  const roles = state.members.get(user)
  if (roles === undefined) state.members.set(user, new Map([[workspace, role]]))
  else roles.set(workspace, role)
}

const createWorkspace = (
  state: AccessState,
  { owner, ...input }: Access.NewWorkspace,
  id: Identity.WorkspaceId,
  now: number
) => {
  if (state.workspaceBySlug.has(input.slug)) return Result.fail(new Access.SlugTaken({ slug: input.slug }))
  const workspace: Workspace.Workspace = { ...input, id, settings: {}, repos: [], createdAt: now, updatedAt: now }
  state.workspaces.set(id, workspace)
  state.workspaceBySlug.set(input.slug, id)
  setMember(state, owner, id, "owner")
  return Result.succeed(workspace)
}

const workspaceOf = (state: AccessState, id: Identity.WorkspaceId | undefined) =>
  Option.fromUndefinedOr(id === undefined ? undefined : state.workspaces.get(id))

/** Oldest first: the order in which workspaces were made, which is not that in which the user joined them. */
const workspacesOf = (state: AccessState, user: Identity.UserId): ReadonlyArray<Workspace.Workspace> => {
  const roles = state.members.get(user)
  return roles === undefined ? [] : [...state.workspaces.values()].filter(({ id }) => roles.has(id)).slice(0, most)
}

const membersOf = (state: AccessState, workspace: Identity.WorkspaceId): ReadonlyArray<Identity.Member> =>
  [...state.members].flatMap(([id, roles]) => {
    const role = roles.get(workspace)
    const user = state.users.get(id)
    return role === undefined || user === undefined ? [] : [{ ...user, role }]
  }).slice(0, most)

/** The half of Access that is about users, workspaces and members. */
export const workspaces = (state: AccessState) =>
  ({
    ensureUser: (email, name) =>
      Effect.map(Uuid.random, (id) => ensureUser(state, email, name, Identity.UserId.make(id))),
    user: (id) => Effect.sync(() => Option.fromUndefinedOr(state.users.get(id))),
    createWorkspace: (input) =>
      Effect.flatMap(Uuid.random, (id) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.fromResult(createWorkspace(state, input, Identity.WorkspaceId.make(id), now)))),
    workspace: (id) =>
      Effect.sync(() =>
        workspaceOf(state, id)
      ),
    workspaceBySlug: (slug) => Effect.sync(() => workspaceOf(state, state.workspaceBySlug.get(slug))),
    workspacesOf: (user) => Effect.sync(() => workspacesOf(state, user)),
    roleOf: (user, workspace) => Effect.sync(() => Option.fromUndefinedOr(state.members.get(user)?.get(workspace))),
    membersOf: (workspace) => Effect.sync(() => membersOf(state, workspace)),
    setMember: (user, workspace, role) => Effect.sync(() => setMember(state, user, workspace, role))
  }) satisfies Partial<Access.Access["Service"]>
