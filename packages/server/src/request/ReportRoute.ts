import {
  isTerminal,
  ok,
  reportDecoder,
  RequestId,
  type RequestKind,
  requestKinds,
  RequestStore,
  type WireError
} from "@muster/domain"
import { Effect, Layer, Option, Schema } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { daemonCredential } from "../access/bearer.ts"
import { RuntimeAccess, runtimeIdFrom } from "../access/RuntimeAccess.ts"
import { errorResponse } from "../http/errorResponse.ts"
import { jsonBody } from "../http/jsonBody.ts"
import { makeSettling } from "./Settling.ts"
import { absent, unreadable } from "./words.ts"

const done = HttpServerResponse.jsonUnsafe(ok)
const decodeId = Schema.decodeUnknownOption(RequestId)

/**
 * A daemon's report of one request: `POST …/runtimes/{runtime}/{kind}/{request}/result`. A late or second report is
 * answered 200 and changes nothing, its body unread. Source: `wire.md` 7.5.
 */
const reportRoute = (kind: RequestKind) => {
  const decode = reportDecoder(kind)
  return Effect.gen(function*() {
    const authenticator = yield* Authenticator
    const access = yield* RuntimeAccess
    const store = yield* RequestStore
    const settle = yield* makeSettling(kind)

    const report = Effect.fn("Server.report")(
      function*(request: HttpServerRequest.HttpServerRequest): Effect.fn.Return<
        HttpServerResponse.HttpServerResponse,
        WireError,
        HttpRouter.RouteContext
      > {
        const credential = yield* daemonCredential(authenticator, request.headers)
        const params = yield* HttpRouter.params
        const runtimeId = yield* runtimeIdFrom(params["runtimeId"] ?? "")
        const runtime = yield* access.runtime(credential, runtimeId)
        const id = decodeId(params["requestId"])
        if (Option.isNone(id)) return yield* absent(kind)
        const found = yield* store.get(runtimeId, id.value).pipe(
          Effect.mapError(({ operation }) => unreadable(kind, operation))
        )
        if (Option.isNone(found) || found.value.kind !== kind.name) return yield* absent(kind)
        if (isTerminal(found.value)) return done
        const reported = yield* Effect.fromResult(decode(yield* jsonBody(request, kind.reportBound)))
        if (reported._tag !== "Running") yield* settle(runtime, found.value, reported)
        return done
      },
      Effect.catch(errorResponse)
    )
    return HttpRouter.route("POST", `/api/daemon/runtimes/:runtimeId/${kind.path}/:requestId/result`, report)
  })
}

export const layerReportRoutes = Layer.unwrap(
  Effect.map(Effect.forEach(requestKinds, reportRoute), (routes) => HttpRouter.addAll(routes))
)
