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
  /** Ids that the server has said to be gone; at most `maxDisowned`, the latest. */
  readonly disowned: ReadonlySet<Runtime.RuntimeId>
}

/** All that the daemon knows of itself: the CLIs it expects to be runtimes in each workspace, and those that are. */
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

/** The runtime is gone from the server: it leaves the state, and nothing else does. An unknown id changes nothing. */
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

/** The workspaces as the server lists them: new ones come without runtimes, those no longer listed go with theirs. */
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
 * The CLIs as a look at the machine found them. One that is there but did not answer this time stays as it was known;
 * one that is not there any more leaves, with its runtimes, once the look is complete.
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
