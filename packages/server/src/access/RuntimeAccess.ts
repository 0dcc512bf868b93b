import {
  type Credential,
  type NotFound,
  parseUuid,
  type Runtime,
  type RuntimeId,
  type ServerFault,
  wireError,
  type WorkspaceId
} from "@muster/domain"
import { Context, Effect, Layer, Option } from "effect"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { Authenticator } from "./Authenticator.ts"

const lookupFault = () => wireError.fault("failed to load runtime")

/** What a daemon route says of a runtime it may not touch: absent and forbidden have different words. */
export type Denied = NotFound | ServerFault

/**
 * Which runtimes a daemon's credential may act for. A person's token: those of every workspace the person is a member of.
 * A daemon's token: those of its own workspace and daemon. Source: `wire.md` 2.4.
 */
export class RuntimeAccess extends Context.Service<RuntimeAccess, {
  readonly mayEnter: (credential: Credential, workspace: WorkspaceId) => Effect.Effect<boolean, ServerFault>
  /** `looked` is called when the row is known, before it is judged whether it is the caller's. */
  readonly runtime: (credential: Credential, id: RuntimeId, looked?: () => void) => Effect.Effect<Runtime, Denied>
}>()("@muster/server/access/RuntimeAccess") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const directory = yield* RuntimeDirectory
      const authenticator = yield* Authenticator

      const mayEnter = (credential: Credential, workspace: WorkspaceId) =>
        credential._tag === "Daemon"
          ? Effect.succeed(credential.workspaceId === workspace)
          : authenticator.roleOf(credential.userId, workspace).pipe(
            Effect.map(Option.isSome),
            Effect.mapError(() => wireError.fault("failed to load workspace"))
          )

      const isKnownToEnter = (credential: Credential, runtime: Runtime) =>
        credential._tag === "Daemon"
          ? credential.workspaceId === runtime.workspaceId && credential.daemonId === runtime.daemonId
          : authenticator.isKnownMember(credential.userId, runtime.workspaceId)

      return RuntimeAccess.of({
        mayEnter,
        runtime: (credential, id, looked) => {
          const known = directory.known(id)
          // Nearly every beat ends here.
          if (known !== undefined && isKnownToEnter(credential, known)) return Effect.succeed(known)
          return Effect.flatMap(Effect.mapError(directory.find(id), lookupFault), (found) => {
            looked?.()
            if (found._tag === "Gone") return Effect.fail(wireError.runtimeNotFound())
            const { runtime } = found
            if (credential._tag === "Daemon" && credential.daemonId !== runtime.daemonId) {
              return Effect.fail(wireError.noAccess())
            }
            return Effect.flatMap(
              mayEnter(credential, runtime.workspaceId),
              (entered) => entered ? Effect.succeed(runtime) : Effect.fail(wireError.noAccess())
            )
          })
        }
      })
    })
  )
}

/** A runtime's id from a path or body, or the protocol's refusal. */
export const runtimeIdFrom = (text: string, field = "runtime_id") => {
  const id = parseUuid(text)
  return id === undefined ? Effect.fail(wireError.invalid(field)) : Effect.succeed(id as RuntimeId)
}
