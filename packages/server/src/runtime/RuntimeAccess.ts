import { DaemonAccess, type Identity, type Runtime, type RuntimeRegistry, Uuid, WireError } from "@muster/domain"
import { Context, Effect, Layer, Option } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

const lookupFault = (cause: unknown) => WireError.fault("failed to load runtime", cause)

/** How a daemon route refuses a runtime: absent and forbidden have different messages. */
export type Denied = WireError.NotFound | WireError.ServerFault

/**
 * Decides which runtimes a credential acts for as their daemon, by the rule `actsAsDaemon`. A runtime of another person is
 * refused like one of another workspace, with 404 `not found`: `runtime not found` makes a daemon register again. Source of
 * the messages: `docs/protocol.md` 2.4.
 */
export class RuntimeAccess extends Context.Service<RuntimeAccess, {
  readonly mayEnter: (
    credential: Identity.Credential,
    workspace: Identity.WorkspaceId
  ) => Effect.Effect<boolean, WireError.ServerFault>
  /** The runtime if the caches suffice to admit the caller, as for nearly every beat; undefined does not mean a refusal. */
  readonly known: (credential: Identity.Credential, id: Runtime.RuntimeId) => Runtime.Runtime | undefined
  /** Calls `looked` after the row is found and before access to it is decided. */
  readonly runtime: (
    credential: Identity.Credential,
    id: Runtime.RuntimeId,
    looked?: () => void
  ) => Effect.Effect<Runtime.Runtime, Denied>
}>()("@muster/server/runtime/RuntimeAccess") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const directory = yield* RuntimeDirectory
      const authenticator = yield* Authenticator

      const mayEnter = (credential: Identity.Credential, workspace: Identity.WorkspaceId) =>
        credential._tag === "Daemon"
          ? Effect.succeed(credential.workspaceId === workspace)
          : credential._tag === "Machine" && !credential.workspaces.includes(workspace)
          ? Effect.succeed(false)
          : authenticator.roleOf(credential.userId, workspace).pipe(
            Effect.map(Option.isSome),
            Effect.mapError((cause) => WireError.fault("failed to load workspace", cause))
          )

      const isKnownToAct = (credential: Identity.Credential, runtime: Runtime.Runtime) =>
        DaemonAccess.actsAsDaemon(
          credential,
          runtime,
          credential._tag !== "Daemon" && authenticator.isKnownMember(credential.userId, runtime.workspaceId)
        )

      /** Reads the membership only where it decides, so that an outage of it affects no other caller. */
      const mayAct = (credential: Identity.Credential, runtime: Runtime.Runtime) =>
        DaemonAccess.actsAsDaemon(credential, runtime, true)
          ? mayEnter(credential, runtime.workspaceId)
          : Effect.succeed(false)

      const judge = (credential: Identity.Credential, found: RuntimeRegistry.Lookup) =>
        found._tag === "Gone"
          ? Effect.fail(WireError.runtimeNotFound())
          : Effect.flatMap(mayAct(credential, found.runtime), (acts) =>
            acts ? Effect.succeed(found.runtime) : Effect.fail(WireError.noAccess()))

      return RuntimeAccess.of({
        mayEnter,
        known: (credential, id) => {
          const row = directory.known(id)
          return row !== undefined && isKnownToAct(credential, row) ? row : undefined
        },
        runtime: (credential, id, looked) => {
          const known = directory.known(id)
          if (known !== undefined && isKnownToAct(credential, known)) return Effect.succeed(known)
          // A cached row may have an outdated owner: it is read again before a caller is refused.
          const isOutdated = known !== undefined && !DaemonAccess.actsAsDaemon(credential, known, true)
          const find = isOutdated ? directory.findNow(id) : directory.find(id)
          const judged = Effect.mapError(find, lookupFault).pipe(
            Effect.tap(() => Effect.sync(() => looked?.())),
            Effect.flatMap((found) => judge(credential, found))
          )
          if (known === undefined || isOutdated) return judged
          // A cached row of a person who is no longer a member may be gone with them, which its daemon is told.
          return Effect.catchIf(
            judged,
            (error) => error.code === "not_found",
            () =>
              Effect.flatMap(Effect.mapError(directory.findNow(id), lookupFault), (found) => judge(credential, found))
          )
        }
      })
    })
  )
}

/** Returns the runtime id in a path or body, or fails with the protocol's error. */
export const runtimeIdFrom = (text: string, field = "runtime_id") => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid(field)) : Effect.succeed(id as Runtime.RuntimeId)
}
