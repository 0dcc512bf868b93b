import type { Identity } from "@muster/domain"
import { lacking, type RuntimeState } from "./RuntimeState.ts"

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
