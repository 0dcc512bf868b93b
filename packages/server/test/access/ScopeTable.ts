import { Kinds, type Scope } from "@muster/domain"

/** What a person's token needs for an endpoint; `public`: none is required. */
type Needed = Scope.Scope | "public"

/** Whether a token with this scope alone (and what it includes) may call what needs `needed`. */
export const enough = (needed: Needed | undefined, scope: Scope.Scope): boolean =>
  needed === "public" || needed === "read" || needed === scope

/** To update Muster changes the machine; all else that is asked leaves it as it is. */
const kinds = Kinds.all.flatMap(({ many, name, path }): ReadonlyArray<readonly [string, Needed]> => {
  const asks = name === "update" ? "admin" : "ask"
  const at = `/api/runtimes/{runtimeId}`
  return [
    [`POST ${at}/${path}`, asks],
    [`GET ${at}/${path}/{requestId}`, "read"],
    ...(many === undefined ? [] : [[`POST ${at}/${many.path}`, asks] as const])
  ]
})

/** The scope of each endpoint of `EndpointTable.ts`, written down apart from the server's own table. */
export const scopes: Readonly<Record<string, Needed>> = {
  "GET /api/sign-in": "public",
  "POST /api/session": "public",
  "POST /api/session/links": "read",
  "DELETE /api/session": "read",
  "GET /api/members": "read",
  "GET /api/audit": "admin",
  "GET /api/events": "read",
  "GET /api/requests": "read",
  "GET /api/requests/{requestId}/explain": "read",
  "GET /api/runtimes/{runtimeId}/models": "read",
  "GET /api/me": "read",
  "GET /api/tokens": "read",
  "POST /api/tokens": "admin",
  "DELETE /api/tokens/{tokenId}": "admin",
  "POST /api/tokens/{tokenId}/renew": "admin",
  "GET /api/workspaces": "read",
  "POST /api/workspaces": "admin",
  "PATCH /api/me": "admin",
  "GET /api/workspaces/{workspaceId}": "read",
  "PATCH /api/workspaces/{workspaceId}": "admin",
  "PUT /api/workspaces/{workspaceId}": "admin",
  "GET /api/workspaces/{workspaceId}/contents": "read",
  "DELETE /api/workspaces/{workspaceId}": "admin",
  "POST /api/workspaces/{workspaceId}/leave": "admin",
  "GET /api/workspaces/{workspaceId}/members": "read",
  "POST /api/workspaces/{workspaceId}/members": "admin",
  "PATCH /api/workspaces/{workspaceId}/members/{memberId}": "admin",
  "DELETE /api/workspaces/{workspaceId}/members/{memberId}": "admin",
  "GET /api/workspaces/{workspaceId}/invitations": "read",
  "POST /api/workspaces/{workspaceId}/invitations": "admin",
  "DELETE /api/workspaces/{workspaceId}/invitations/{invitationId}": "admin",
  "GET /api/workspaces/{workspaceId}/repositories": "read",
  "POST /api/workspaces/{workspaceId}/repositories": "admin",
  "DELETE /api/workspaces/{workspaceId}/repositories": "admin",
  "GET /api/workspaces/{workspaceId}/settings": "read",
  "PATCH /api/workspaces/{workspaceId}/settings": "admin",
  "GET /api/invitations": "read",
  "GET /api/invitations/{invitationId}": "read",
  "POST /api/invitations/{invitationId}/accept": "admin",
  "POST /api/invitations/{invitationId}/decline": "admin",
  "POST /api/invite-link": "public",
  // A newcomer needs no token; of a caller who is signed in, joining needs what accepting by e-mail needs.
  "POST /api/invite-link/accept": "admin",
  "GET /api/runtimes": "read",
  "GET /api/fleet": "read",
  "GET /api/runtimes/{runtimeId}": "read",
  "GET /api/runtimes/{runtimeId}/history": "read",
  "PATCH /api/runtimes/{runtimeId}": "admin",
  "GET /api/tasks": "read",
  "POST /api/tasks": "ask",
  "GET /api/tasks/{taskId}": "read",
  "GET /api/tasks/{taskId}/explain": "read",
  "GET /api/tasks/{taskId}/events": "read",
  "GET /api/tasks/{taskId}/stream": "read",
  "POST /api/tasks/{taskId}/cancel": "ask",
  "POST /api/tasks/{taskId}/retry": "ask",
  "GET /api/skills": "read",
  "GET /api/skills/{skillId}": "read",
  "DELETE /api/skills/{skillId}": "admin",
  "POST /api/runtimes/{runtimeId}/take-over": "admin",
  "DELETE /api/runtimes/{runtimeId}": "admin",
  "POST /api/daemon/register": "run",
  "POST /api/daemon/deregister": "run",
  "POST /api/daemon/heartbeat": "run",
  "GET /api/daemon/workspaces/{workspaceId}/repos": "run",
  "POST /api/daemon/runtimes/{runtimeId}/recover-orphans": "run",
  "POST /api/daemon/runtimes/{runtimeId}/tasks/claim": "run",
  "POST /api/daemon/runtimes/{runtimeId}/{kind}/{requestId}/result": "run",
  "GET /api/daemon/ws": "run",
  "GET /api/daemon/machine": "run",
  "POST /api/daemon/credential/renew": "run",
  "POST /api/join": "public",
  "GET /api/machines": "read",
  "POST /api/machines/join-tokens": "admin",
  "GET /api/machines/join-keys": "admin",
  "POST /api/machines/join-keys": "admin",
  "DELETE /api/machines/join-keys/{keyId}": "admin",
  "GET /api/machines/{machineId}": "read",
  "PATCH /api/machines/{machineId}": "admin",
  "DELETE /api/machines/{machineId}": "admin",
  "GET /health": "public",
  "GET /healthz": "public",
  "GET /readyz": "public",
  "GET /openapi.json": "public",
  "GET /docs": "public",
  "POST /api/tokens/current/renew": "public",
  "GET /no/such/page": "public",
  "POST /api/daemon/no/such/call": "public",
  ...Object.fromEntries(kinds)
}
