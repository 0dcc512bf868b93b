import { Access, Identity, Uuid, type Workspace } from "@muster/domain"
import { Clock, Effect, Option, Result } from "effect"
import type { AccessState } from "./AccessState.ts"

/** The maximum number of workspaces or members in a list. */
const max = 1_000

export const ensureUser = (state: AccessState, email: string, name: string, id: Identity.UserId): Identity.User => {
  const key = email.trim().toLowerCase()
  const known = state.users.get(state.userByEmail.get(key) ?? id)
  if (known !== undefined) return known
  const user: Identity.User = { id, name, email: key }
  state.users.set(id, user)
  state.userByEmail.set(key, id)
  return user
}

/** Adds the member or changes their role. */
export const setMember = (
  state: AccessState,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId,
  role: Identity.Role,
  now: number
): void => {
  const places = state.members.get(user) ?? new Map()
  places.set(workspace, { role, joinedAt: places.get(workspace)?.joinedAt ?? now })
  state.members.set(user, places)
}

export const roleOf = (
  state: AccessState,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId
): Identity.Role | undefined => state.members.get(user)?.get(workspace)?.role

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
  setMember(state, owner, id, "owner", now)
  return Result.succeed(workspace)
}

const workspaceOf = (state: AccessState, id: Identity.WorkspaceId | undefined) =>
  Option.fromUndefinedOr(id === undefined ? undefined : state.workspaces.get(id))

/** Oldest first: the order in which workspaces were made, not in which the user joined them. */
export const workspacesOf = (state: AccessState, user: Identity.UserId): ReadonlyArray<Workspace.Workspace> => {
  const roles = state.members.get(user)
  return roles === undefined ? [] : [...state.workspaces.values()].filter(({ id }) => roles.has(id)).slice(0, max)
}

export const membersOf = (state: AccessState, workspace: Identity.WorkspaceId): ReadonlyArray<Identity.Member> =>
  [...state.members].flatMap(([id, places]) => {
    const place = places.get(workspace)
    const user = state.users.get(id)
    return place === undefined || user === undefined ? [] : [{ ...user, ...place }]
  }).toSorted((a, b) => a.joinedAt - b.joinedAt || (a.id < b.id ? -1 : 1)).slice(0, max)

/** The part of Access for users, workspaces and members. */
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
    roleOf: (user, workspace) => Effect.sync(() => Option.fromUndefinedOr(roleOf(state, user, workspace))),
    membersOf: (workspace) => Effect.sync(() => membersOf(state, workspace)),
    setMember: (user, workspace, role) =>
      Effect.map(Clock.currentTimeMillis, (now) => setMember(state, user, workspace, role, now))
  }) satisfies Partial<Access.Access["Service"]>
