import type { Identity, Runtime } from "@muster/domain"
import type { RegisteredRow } from "../client/ServerApi.ts"
import type { Cli } from "./Clis.ts"
import type { OwnRuntime, OwnWorkspace, RuntimeState } from "./RuntimeState.ts"

const isRegistered = ({ runtimes }: OwnWorkspace, cli: Cli) =>
  runtimes.some(({ provider, version }) => provider === cli.provider && version === cli.version)

/**
 * The one rule of registration: a workspace needs it exactly when an expected CLI has no runtime there, or one that the
 * server knows by an older version. Derived from the state, never stored.
 */
export const needsRegistration = (state: RuntimeState, id: Identity.WorkspaceId): boolean =>
  lacking(state, id).length > 0

/** The providers that make the need. */
export const lacking = (state: RuntimeState, id: Identity.WorkspaceId): ReadonlyArray<string> => {
  const workspace = state.workspaces.get(id)
  if (workspace === undefined) return []
  return [...state.clis.values()].filter((cli) => !isRegistered(workspace, cli)).map(({ provider }) => provider)
}

/** Why a workspace is registered, as far as the state tells. */
export type RegistrationReason = "first" | "gone" | "version" | "new_cli"

/**
 * `version`: a CLI is there in another version than the server knows; `gone`: the server has said of a runtime of this
 * workspace that it is gone; `first`: there is none yet; `new_cli`: there are others.
 */
export const registrationReason = (state: RuntimeState, id: Identity.WorkspaceId): RegistrationReason => {
  const workspace = state.workspaces.get(id)
  if (workspace === undefined) return "first"
  const missing = new Set(lacking(state, id))
  if (workspace.runtimes.some(({ provider }) => missing.has(provider))) return "version"
  if (workspace.disowned.size > 0) return "gone"
  return workspace.runtimes.length === 0 ? "first" : "new_cli"
}

/** What a registration was sent with: the state as it was then. */
export interface RegistrationRequest {
  readonly workspaceId: Identity.WorkspaceId
  readonly clis: ReadonlyArray<Cli>
  readonly disowned: ReadonlySet<Runtime.RuntimeId>
}

export const registrationOf = (state: RuntimeState, id: Identity.WorkspaceId): RegistrationRequest | undefined => {
  const workspace = state.workspaces.get(id)
  return workspace && { workspaceId: id, clis: [...state.clis.values()], disowned: workspace.disowned }
}

/** The providers for which a reply brought no runtime that can be taken, though nothing happened meanwhile. */
export type Unserved = ReadonlyArray<string>

/**
 * The state after the server's reply to a registration. The reply is authoritative: it replaces the workspace's runtimes.
 *
 * A disowned id in it is not taken back. If it was disowned while the reply was under way, the reply is merely older
 * than the deletion, and the rule of registration holds again at once. If it was disowned before the request went out,
 * the server contradicts itself: that provider counts as unserved. Either way no id that was disowned before the request
 * is disowned any longer: no older reply is under way, and the server is taken at its word when it says the same again
 * after the pause that follows.
 */
export const withReply = (
  state: RuntimeState,
  request: RegistrationRequest,
  rows: ReadonlyArray<RegisteredRow>
): readonly [RuntimeState, Unserved] => {
  const workspace = state.workspaces.get(request.workspaceId)
  if (workspace === undefined) return [state, []]
  const disowned = new Set([...workspace.disowned].filter((id) => !request.disowned.has(id)))
  const runtimes: Array<OwnRuntime> = []
  const unserved: Array<string> = []
  for (const cli of request.clis) {
    if (!state.clis.has(cli.provider)) continue
    const row = rows.find(({ provider }) => provider === cli.provider)
    if (row !== undefined && !workspace.disowned.has(row.id)) {
      runtimes.push({ ...row, workspaceId: workspace.id, version: cli.version })
    } else if (row === undefined || request.disowned.has(row.id)) {
      unserved.push(cli.provider)
    }
  }
  const next: OwnWorkspace = { ...workspace, runtimes, disowned }
  return [{ ...state, workspaces: new Map(state.workspaces).set(workspace.id, next) }, unserved]
}
