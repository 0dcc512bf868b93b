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

/** Returns the providers that need registration. */
export const lacking = (state: RuntimeState, id: Identity.WorkspaceId): ReadonlyArray<string> => {
  const workspace = state.workspaces.get(id)
  if (workspace === undefined) return []
  return [...state.clis.values()].filter((cli) => !isRegistered(workspace, cli)).map(({ provider }) => provider)
}

/** Why a workspace is registered, according to the state. */
export type RegistrationReason = "first" | "gone" | "version" | "new_cli"

/**
 * `version`: a CLI has another version than its runtime; `gone`: the server reported a runtime of this workspace as gone;
 * `first`: it has no runtime yet; `new_cli`: it has others.
 */
export const registrationReason = (state: RuntimeState, id: Identity.WorkspaceId): RegistrationReason => {
  const workspace = state.workspaces.get(id)
  if (workspace === undefined) return "first"
  const missing = new Set(lacking(state, id))
  if (workspace.runtimes.some(({ provider }) => missing.has(provider))) return "version"
  if (workspace.disowned.size > 0) return "gone"
  return workspace.runtimes.length === 0 ? "first" : "new_cli"
}

/** The state that a registration was sent with. */
export interface RegistrationRequest {
  readonly workspaceId: Identity.WorkspaceId
  readonly clis: ReadonlyArray<Cli>
  readonly disowned: ReadonlySet<Runtime.RuntimeId>
}

export const registrationOf = (state: RuntimeState, id: Identity.WorkspaceId): RegistrationRequest | undefined => {
  const workspace = state.workspaces.get(id)
  return workspace && { workspaceId: id, clis: [...state.clis.values()], disowned: workspace.disowned }
}

/** The providers for which a reply contained no usable runtime, although nothing changed meanwhile. */
export type Unserved = ReadonlyArray<string>

/**
 * The state after the server's reply to a registration. The reply is authoritative: it replaces the workspace's runtimes.
 *
 * A disowned id in it is not taken back. If it was disowned after the request was sent, the reply is older than the deletion,
 * and the workspace needs registration again at once. If it was disowned before the request was sent, the server contradicts
 * itself: that provider counts as unserved. In both cases the ids that were disowned before the request are no longer disowned:
 * no older reply can arrive, and the server is believed if it repeats the id after the pause that follows.
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
