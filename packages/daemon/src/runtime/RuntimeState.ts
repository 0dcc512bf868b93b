import type { Identity, Runtime } from "@muster/domain"
import type { Cli, FoundClis, SkippedCli } from "./Clis.ts"

/** One of the daemon's own runtimes, as the server registered it. */
export interface OwnRuntime {
  readonly id: Runtime.RuntimeId
  readonly workspaceId: Identity.WorkspaceId
  readonly provider: string
  readonly name: string
  /** The CLI's version that the server has. */
  readonly version: string
}

export interface OwnWorkspace {
  readonly id: Identity.WorkspaceId
  readonly name: string
  /** At most one per provider. */
  readonly runtimes: ReadonlyArray<OwnRuntime>
  /** The ids that the server reported as gone; at most `maxDisowned`, the latest. */
  readonly disowned: ReadonlySet<Runtime.RuntimeId>
}

/** The state of the daemon: the CLIs that should be runtimes in each workspace, and those that are. */
export interface RuntimeState {
  /** By provider. */
  readonly clis: ReadonlyMap<string, Cli>
  readonly skipped: ReadonlyArray<SkippedCli>
  readonly workspaces: ReadonlyMap<Identity.WorkspaceId, OwnWorkspace>
}

export const emptyState: RuntimeState = { clis: new Map(), skipped: [], workspaces: new Map() }

export const maxDisowned = 256

export const runtimesOf = (state: RuntimeState): ReadonlyArray<OwnRuntime> =>
  [...state.workspaces.values()].flatMap(({ runtimes }) => runtimes)

export const runtimeOf = (state: RuntimeState, id: Runtime.RuntimeId): OwnRuntime | undefined =>
  runtimesOf(state).find((runtime) => runtime.id === id)

const put = (state: RuntimeState, workspace: OwnWorkspace): RuntimeState => ({
  ...state,
  workspaces: new Map(state.workspaces).set(workspace.id, workspace)
})

const disown = (disowned: ReadonlySet<Runtime.RuntimeId>, id: Runtime.RuntimeId): ReadonlySet<Runtime.RuntimeId> =>
  new Set([...disowned, id].slice(-maxDisowned))

/** Removes a runtime that is gone, and nothing else. An unknown id changes nothing. */
export const withoutGone = (state: RuntimeState, id: Runtime.RuntimeId): RuntimeState => {
  const owner = runtimeOf(state, id)
  const workspace = owner === undefined ? undefined : state.workspaces.get(owner.workspaceId)
  if (workspace === undefined) return state
  return put(state, {
    ...workspace,
    runtimes: workspace.runtimes.filter((runtime) => runtime.id !== id),
    disowned: disown(workspace.disowned, id)
  })
}

/**
 * Sets the workspaces that the server lists: new ones have no runtimes; those that are no longer listed are removed with
 * theirs.
 */
export const withWorkspaces = (
  state: RuntimeState,
  listed: ReadonlyArray<{ readonly id: Identity.WorkspaceId; readonly name: string }>
): RuntimeState => {
  const same = listed.length === state.workspaces.size &&
    listed.every(({ id, name }) => state.workspaces.get(id)?.name === name)
  if (same) return state
  return {
    ...state,
    workspaces: new Map(listed.map(({ id, name }): [Identity.WorkspaceId, OwnWorkspace] => {
      const known = state.workspaces.get(id)
      if (known === undefined) return [id, { id, name, runtimes: [], disowned: new Set() }]
      return [id, known.name === name ? known : { ...known, name }]
    }))
  }
}

/**
 * Sets the CLIs of a discovery. One that exists but did not answer this time is unchanged; one that no longer exists is
 * removed, with its runtimes, when the discovery is complete.
 */
export const withClis = (state: RuntimeState, { complete, found, skipped }: FoundClis): RuntimeState => {
  const clis = new Map(complete ? [] : state.clis)
  for (const cli of found) clis.set(cli.provider, cli)
  for (const { path, provider } of skipped) {
    const known = state.clis.get(provider)
    if (path !== undefined && known !== undefined && !clis.has(provider)) clis.set(provider, known)
  }
  const keep = (workspace: OwnWorkspace): OwnWorkspace => {
    const runtimes = workspace.runtimes.filter(({ provider }) => clis.has(provider))
    return runtimes.length === workspace.runtimes.length ? workspace : { ...workspace, runtimes }
  }
  return {
    clis,
    skipped: complete ? skipped : state.skipped,
    workspaces: new Map([...state.workspaces].map(([id, workspace]) => [id, keep(workspace)]))
  }
}
