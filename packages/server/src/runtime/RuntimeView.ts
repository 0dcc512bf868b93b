import { type Identity, Permission, type Runtime, Security, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { runtimeIdFrom } from "./RuntimeAccess.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

/** A runtime, and the caller's relation to it. */
export interface RuntimeView {
  readonly runtime: Runtime.Runtime
  readonly userId: Identity.UserId
  readonly standing: Permission.Standing
}

/**
 * Returns a function that loads the runtime of a path with the caller's relation to it in the runtime's workspace,
 * which may differ from the workspace that the request names. Fails with `runtime not found` if the caller is not a
 * member there.
 */
export const makeRuntimeView = Effect.gen(function*() {
  const directory = yield* RuntimeDirectory
  const authenticator = yield* Authenticator
  return Effect.fnUntraced(function*(text: string) {
    const id = yield* runtimeIdFrom(text)
    const found = yield* directory.findNow(id).pipe(
      Effect.mapError((cause) => WireError.fault("failed to load runtime", cause))
    )
    if (found._tag === "Gone") return yield* WireError.runtimeNotFound()
    const { userId } = yield* Security.Caller
    const role = yield* authenticator.roleOf(userId, found.runtime.workspaceId).pipe(
      Effect.mapError((cause): WireError.NotFound | WireError.ServerFault =>
        WireError.fault("failed to load workspace", cause)
      )
    )
    if (Option.isNone(role)) return yield* WireError.runtimeNotFound()
    const seen: RuntimeView = {
      runtime: found.runtime,
      userId,
      standing: Permission.standingOf(role.value, userId, found.runtime)
    }
    return seen
  })
})
