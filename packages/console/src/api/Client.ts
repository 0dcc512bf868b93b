import { Api, type Identity } from "@muster/domain"
import { Effect } from "effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

/** The part of the API that the console uses. */
class ConsoleApi
  extends HttpApi.make("muster").add(Api.SignInApi).add(Api.SessionApi).add(Api.AccessApi).add(Api.MemberApi).add(
    Api.EventsApi
  )
    .add(Api.RuntimeApi).add(Api.FleetApi).add(Api.MachineApi).add(Api.CatalogueApi).add(...Api.requestGroups).add(
      Api.SkillApi
    ).add(
      Api.JournalApi
    ).add(
      Api.HealthApi
    ).add(Api.ProfileApi).add(Api.WorkspaceApi).add(Api.RepositoryApi).add(Api.InviteLinkApi).add(Api.MachineApi).add(
      Api.AuditApi
    ).add(Api.TaskApi)
{}

const csrf = () =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${Api.csrfCookie}=`))?.slice(Api.csrfCookie.length + 1)

/** Adds the headers that a call needs besides the cookie: its workspace and, for calls that change something, the CSRF token. */
const identified = (workspace: Identity.WorkspaceId | undefined) => (request: HttpClientRequest.HttpClientRequest) => {
  const csrfToken = request.method === "GET" ? undefined : csrf()
  return HttpClientRequest.setHeaders(request, {
    "x-client-platform": "web",
    ...(workspace === undefined ? {} : { "x-workspace-id": workspace }),
    ...(csrfToken === undefined ? {} : { [Api.csrfHeader]: decodeURIComponent(csrfToken) })
  })
}

const make = (workspace: Identity.WorkspaceId | undefined) =>
  Effect.runSync(
    HttpApiClient.make(ConsoleApi, {
      baseUrl: location.origin,
      transformClient: HttpClient.mapRequest(identified(workspace))
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

export type Client = ReturnType<typeof make>

const clients = new Map<Identity.WorkspaceId | undefined, Client>()

/** Returns the typed client of the server's API, scoped to a workspace if given. */
export const clientOf = (workspace?: Identity.WorkspaceId): Client => {
  const known = clients.get(workspace)
  if (known !== undefined) return known
  const client = make(workspace)
  clients.set(workspace, client)
  return client
}
