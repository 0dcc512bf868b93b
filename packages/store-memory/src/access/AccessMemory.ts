import { Access } from "@muster/domain"
import { Layer } from "effect"
import { AccessState } from "./AccessState.ts"
import { accounts } from "./Accounts.ts"
import { tokens } from "./Tokens.ts"
import { workspaces } from "./Workspaces.ts"

const make = (state: AccessState) => Access.Access.of({ ...tokens(state), ...workspaces(state), ...accounts(state) })

/** Users, their accounts, members, workspaces and tokens in this process's memory. Nothing outlives the process. */
export const AccessMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: AccessState): Layer.Layer<Access.Access> => Layer.succeed(Access.Access, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(Access.Access, () => make(new AccessState()))
}
