import type { Identity, Runtime } from "@muster/domain"
import type { RegisteredRow } from "../client/ServerApi.ts"
import type { Cli } from "./Clis.ts"
import type { OwnRuntime, OwnWorkspace, RuntimeState } from "./RuntimeState.ts"

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
