import { type Identity, Instances, type Runtime, WireError } from "@muster/domain"
import { Effect, Layer } from "effect"
import { Headers, HttpRouter, type HttpServerRequest } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { bearerHash, daemonCredential } from "../access/bearer.ts"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { errorResponse } from "../http/errorResponse.ts"
import { upgraded, Upgrades } from "../http/Upgrades.ts"
import { RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { Draining } from "./Draining.ts"
import { runtimeIdsFrom } from "./runtimeIdsFrom.ts"
import { type Ends, makeSocketSessions, type SocketSessionOptions } from "./SocketSession.ts"

/**
 * `GET /api/daemon/ws`: one socket for all runtimes of a daemon. Every refusal is an HTTP response before the
 * upgrade; one stale id refuses the whole socket, and a draining server accepts none. The request ends with the upgrade.
 * Source: `docs/protocol.md` 6.1.
 */
export const layerSocketRoute = Layer.unwrap(Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const access = yield* RuntimeAccess
  const draining = yield* Draining
  const tokens = yield* TokenWatch
  const members = yield* MemberWatch
  const upgrades = yield* Upgrades
  const start = yield* makeSocketSessions

  /** Returns the options of the session. They keep the token of the request, and no more of it. */
  const admit = Effect.fnUntraced(function*({ headers, url }: HttpServerRequest.HttpServerRequest) {
    const token = Headers.fromInput({ authorization: headers["authorization"] })
    const admission = Effect.suspend(() => daemonCredential(authenticator, token))
    const credential = yield* admission
    if (draining.begun()) return yield* WireError.socketsUnavailable()
    const ids = yield* runtimeIdsFrom(url)
    const rows = yield* Effect.forEach(ids.keys(), (id) => access.runtime(credential, id))
    const places = placesOf(credential, rows)
    const watch = (ends: Ends) => [
      tokens.watch(bearerHash(token), ends.token),
      ...places.map((place) => members.watch(place, () => ends.runtimes(place.runtimes)))
    ]
    const instance = Instances.instanceFrom(headers[Instances.instanceHeader])
    return { admission, ids, instance, watch } satisfies SocketSessionOptions
  })

  return HttpRouter.add(
    "GET",
    "/api/daemon/ws",
    Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
      const options = yield* admit(request)
      yield* upgrades.open(request, (socket) => start(socket, options))
      return upgraded
    }, Effect.catchIf((error) => "code" in error, errorResponse))
  )
}))

/** Returns the memberships that the runtimes of a socket depend on; none for a daemon's own token. */
const placesOf = (credential: Identity.Credential, rows: ReadonlyArray<Runtime.Runtime>) => {
  if (credential._tag === "Daemon") return []
  const { userId } = credential
  return [...Map.groupBy(rows, (row) => row.workspaceId)].map(([workspaceId, group]) => ({
    userId,
    workspaceId,
    runtimes: group.map(({ id }) => id)
  }))
}
