import { type Identity, MemberRules, type Membership, Repositories, Repository, type Workspace } from "@muster/domain"
import { Clock, Effect, Layer, Option, Result } from "effect"
import type { AccessState } from "../access/AccessState.ts"
import { roleOf } from "../access/Workspaces.ts"
import { refused } from "../membership/Members.ts"

interface Change {
  readonly workspaceId: Identity.WorkspaceId
  readonly by: Identity.UserId
}

/** The workspace that a member may change. */
const changeable = (
  state: AccessState,
  { by, workspaceId }: Change
): Result.Result<Workspace.Workspace, Membership.MemberRefused> => {
  const role = roleOf(state, by, workspaceId)
  const workspace = state.workspaces.get(workspaceId)
  if (role === undefined || workspace === undefined) return refused("outsider")
  return MemberRules.mayEditWorkspace(role) ? Result.succeed(workspace) : refused("forbidden")
}

const put = (
  state: AccessState,
  workspace: Workspace.Workspace,
  change: Partial<Pick<Workspace.Workspace, "repos" | "settings">>,
  now: number
) => state.workspaces.set(workspace.id, { ...workspace, ...change, updatedAt: now })

type Service = Repositories.Repositories["Service"]

const make = (state: AccessState): Service => {
  const found = (id: Identity.WorkspaceId) => Option.fromUndefinedOr(state.workspaces.get(id))
  const change = <A, E>(
    by: Change,
    step: (workspace: Workspace.Workspace, now: number) => Result.Result<A, E>
  ): Effect.Effect<A, E | Membership.MemberRefused> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.fromResult(
        Result.flatMap(changeable(state, by), (workspace): Result.Result<A, E> => step(workspace, now))
      ))

  return Repositories.Repositories.of({
    list: (id) => Effect.sync(() => Option.map(found(id), ({ repos }) => Repository.repositoriesIn(repos))),
    add: ({ address, ...by }) =>
      change(by, (workspace, now) =>
        Result.map(
          Repository.withRepository(workspace.repos, address, by.by, now),
          ({ isNew, repos, repository }) => {
            if (isNew) put(state, workspace, { repos }, now)
            return { repository, isNew }
          }
        )),
    remove: ({ url, ...by }) =>
      change(by, (workspace, now) => {
        const repos = Repository.withoutRepository(workspace.repos, url)
        if (repos !== undefined) put(state, workspace, { repos }, now)
        return Result.succeed(repos !== undefined)
      }),
    settings: (id) => Effect.sync(() => Option.map(found(id), ({ settings }) => Repository.settingsIn(settings))),
    editSettings: ({ edit, ...by }) =>
      change(by, (workspace, now) => {
        const settings = { ...workspace.settings, ...Repository.settingsRecord(edit) }
        put(state, workspace, { settings }, now)
        return Result.succeed(Repository.settingsIn(settings))
      })
  })
}

/** The repositories and settings of workspaces in this process's memory. */
export const RepositoriesMemory = {
  /** A node on the state of access, which has the workspaces. */
  layerOn: (state: AccessState): Layer.Layer<Repositories.Repositories> =>
    Layer.succeed(Repositories.Repositories, make(state))
}
