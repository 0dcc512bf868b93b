import { Identity, Security, Uuid, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { Authenticator } from "../access/Authenticator.ts"

/** The workspace that a path names, and the caller's role in it. */
interface WorkspaceView {
  readonly workspaceId: Identity.WorkspaceId
  readonly userId: Identity.UserId
  readonly role: Identity.Role
}

/** Returns the id in a path, or fails with the protocol's error. */
export const idFrom = (text: string, field: string) => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid(field)) : Effect.succeed(id)
}

/**
 * Returns a function that loads the caller's role in the workspace of a path. Fails with `workspace not found` if the
 * caller is not a member, and with `insufficient permissions` if `may` refuses the role. The role may be 8 s old: stores
 * judge it again in the write.
 */
export const makeWorkspaceView = Effect.gen(function*() {
  const authenticator = yield* Authenticator
  return Effect.fnUntraced(function*(text: string, may: (role: Identity.Role) => boolean = () => true) {
    const workspaceId = Identity.WorkspaceId.make(yield* idFrom(text, "workspace_id"))
    const { userId } = yield* Security.Caller
    const role = yield* authenticator.roleOf(userId, workspaceId).pipe(
      Effect.mapError((cause) => WireError.fault("failed to load workspace", cause))
    )
    if (Option.isNone(role)) return yield* WireError.workspaceNotFound()
    if (!may(role.value)) return yield* WireError.insufficient()
    const view: WorkspaceView = { workspaceId, userId, role: role.value }
    return view
  })
})
