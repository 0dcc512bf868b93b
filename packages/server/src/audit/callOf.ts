import { type AuditLog, type Identity, Security } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { addressOf } from "../http/addressOf.ts"
import { clientOf } from "../http/clientOf.ts"

type Call = Pick<AuditLog.AuditEvent, "actor" | "address" | "client" | "credential" | "workspaceId">

const kinds = { api: "token", session: "session", link: "link" } as const

/** Who a credential belongs to, and the credential, as the audit log has them. The log adds the names of people. */
const shownBy = (
  credential: Identity.Credential
): { readonly actor: AuditLog.AuditActor; readonly credential: AuditLog.AuditCredential } => {
  switch (credential._tag) {
    case "User":
      return {
        actor: { kind: "person", id: credential.userId, name: null },
        credential: { kind: kinds[credential.purpose], id: credential.tokenId, prefix: credential.prefix }
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
  const person: Option.Option<Identity.Credential> = yield* Effect.serviceOption(Security.Caller)
  const daemon = yield* Effect.serviceOption(Security.DaemonCaller)
  const caller = Option.orElse(person, () => daemon)
  const workspace = yield* Effect.serviceOption(Security.CurrentWorkspace)
  const request = yield* Effect.serviceOption(HttpServerRequest.HttpServerRequest)
  return {
    ...Option.match(caller, {
      onSome: shownBy,
      onNone: () => ({ actor: Option.isSome(request) ? unknown : server, credential: null })
    }),
    workspaceId: Option.getOrNull(Option.map(workspace, ({ workspace }) => workspace.id)),
    address: Option.isSome(request) ? yield* addressOf(request.value) : null,
    client: Option.getOrNull(Option.map(request, (one) => clientOf(one) ?? null))
  }
})
