import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { type Identity, Instances, type Runtime, WireError } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { bearerHash, daemonCredential } from "../access/bearer.ts"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { errorResponse } from "../http/errorResponse.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { Draining } from "./Draining.ts"
import { makeHolders } from "./Holders.ts"
import { Pings } from "./Pings.ts"
import { runtimeIdsFrom } from "./runtimeIdsFrom.ts"
import { makeSocketSession, upgrade } from "./SocketSession.ts"

/**
 * `GET /api/daemon/ws`: one socket for all runtimes of a daemon. Every refusal is an HTTP response before the
 * upgrade; one stale id refuses the whole socket, and a draining server accepts none. Source: `docs/protocol.md` 6.1.
 */
export const layerSocketRoute = Layer.unwrap(Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const access = yield* RuntimeAccess
  const draining = yield* Draining
  const pings = yield* Pings
  const tokens = yield* TokenWatch
  const members = yield* MemberWatch
  const { bounds, meter } = yield* ServerMetrics
  const runSession = yield* makeSocketSession
  const holders = makeHolders(bounds.runtime_sockets)
  meter.gauge("muster_runtimes_held", "Runtimes that a socket of this replica serves", holders.size)

  const admit = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
    const admission = Effect.suspend(() => daemonCredential(authenticator, request.headers))
    const credential = yield* admission
    if (draining.begun()) return yield* WireError.socketsUnavailable()
    const ids = yield* runtimeIdsFrom(request.url)
    const rows = yield* Effect.forEach(ids.keys(), (id) => access.runtime(credential, id))
    const places = placesOf(credential, rows)
    const watch = (ends: { readonly token: () => void; readonly place: (at: number) => void }) => [
      tokens.watch(bearerHash(request.headers), ends.token),
      ...places.map((place, at) => members.watch(place, () => ends.place(at)))
    ]
    return { admission, ids, places: places.map(({ runtimes }) => runtimes), watch }
  })

  return HttpRouter.add(
    "GET",
    "/api/daemon/ws",
    Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
      const { admission, ids, places, watch } = yield* admit(request)
      const socket = yield* Effect.mapError(upgrade(request), () => WireError.bad("a WebSocket upgrade is required"))
      const instance = Instances.instanceFrom(request.headers[Instances.instanceHeader])
      const proof = pings.proof(NodeHttpServerRequest.toIncomingMessage(request))
      yield* runSession(socket, { admission, holders, instance, places, proof, watch }, ids).pipe(
        Effect.catchTag("SocketError", () => Effect.void)
      )
      return HttpServerResponse.empty()
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
