import { type AuditLog, type Identity, Security } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { addressOf } from "../http/addressOf.ts"
import { clientOf } from "../http/clientOf.ts"

type Call = Pick<AuditLog.AuditEvent, "actor" | "address" | "client" | "credential" | "workspaceId">

/** Who a credential belongs to, and the credential, as the audit log has them. The log adds the names of people. */
const shownBy = (
  credential: Identity.Credential
): { readonly actor: AuditLog.AuditActor; readonly credential: AuditLog.AuditCredential } => {
  switch (credential._tag) {
    case "User":
      return {
        actor: { kind: "person", id: credential.userId, name: null },
        credential: { kind: "token", id: credential.tokenId, prefix: null }
      }
    case "Machine":
      return {
        actor: { kind: "machine", id: credential.machineId, name: null },
        credential: { kind: "machine", id: credential.machineId, prefix: null }
      }
    case "Daemon":
      return {
        actor: { kind: "machine", id: credential.daemonId, name: null },
        credential: { kind: "daemon", id: null, prefix: null }
      }
  }
}

const unknown = { kind: "unknown", id: null, name: null } as const
const server = { kind: "server", id: null, name: null } as const

/** What the current call contributes to an event: without a call, the server itself acts. */
export const callOf: Effect.Effect<Call> = Effect.gen(function*() {
  const person = Option.map(
    yield* Effect.serviceOption(Security.Caller),
    (caller) => ({ _tag: "User" as const, ...caller })
  )
  const daemon = yield* Effect.serviceOption(Security.DaemonCaller)
  const caller: Option.Option<Identity.Credential> = Option.orElse(person, () => daemon)
  const workspace = yield* Effect.serviceOption(Security.CurrentWorkspace)
  const request = yield* Effect.serviceOption(HttpServerRequest.HttpServerRequest)
  return {
    ...Option.match(caller, {
      onSome: shownBy,
      onNone: () => ({ actor: Option.isSome(request) ? unknown : server, credential: null })
    }),
    workspaceId: Option.getOrNull(Option.map(workspace, ({ workspace }) => workspace.id)),
    address: Option.getOrNull(Option.map(request, addressOf)),
    client: Option.getOrNull(Option.map(request, (one) => clientOf(one) ?? null))
  }
})
