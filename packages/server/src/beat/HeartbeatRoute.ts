import { Ack, Api, Instances, Kinds, type Request, WireError } from "@muster/domain"
import { Clock, Effect, Layer, Option, Schema } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { daemonCredential } from "../access/bearer.ts"
import { errorResponse } from "../http/errorResponse.ts"
import { jsonBody } from "../http/jsonBody.ts"
import { apiHeaders } from "../http/securityHeaders.ts"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { runtimeIdFrom } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { Heartbeat } from "./Heartbeat.ts"
import { noticeFor } from "./Instances.ts"

const decodeBody = Schema.decodeUnknownOption(Api.HeartbeatBody)

/** A text body, so that Node sends head and body in one write. */
const idle = HttpServerResponse.text("{\"status\":\"ok\"}\n", { contentType: "application/json", headers: apiHeaders })

const ack = (work: ReadonlyArray<Request.Request>, batches: boolean, pacing: Request.Json) =>
  work.length === 0 && Object.keys(pacing).length === 0
    ? idle
    : HttpServerResponse.jsonUnsafe({ status: "ok", ...Ack.write(Kinds.all, work, batches), ...pacing })

/**
 * `POST /api/daemon/heartbeat`: the most frequent route, so it is not one of the typed routes. Source:
 * `docs/protocol.md` 5.4.
 */
export const layerHeartbeatRoute = Layer.unwrap(Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const clock = yield* Clock.Clock
  const heartbeat = yield* Heartbeat
  const shedding = yield* LoadShedding
  const directory = yield* RuntimeDirectory
  return HttpRouter.add(
    "POST",
    "/api/daemon/heartbeat",
    Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
      const credential = yield* daemonCredential(authenticator, request.headers)
      const body = yield* jsonBody(request)
      const decoded = decodeBody(body)
      if (Option.isNone(decoded)) return yield* WireError.invalidBody()
      const text = decoded.value.runtime_id ?? ""
      if (text === "") return yield* WireError.required("runtime_id")
      const id = yield* runtimeIdFrom(text)
      const instance = Instances.instanceFrom(request.headers[Instances.instanceHeader])
      const batches = decoded.value.supports_batch_import === true
      const work = yield* heartbeat.beat(credential, id, batches, "http", instance)
      const paces = decoded.value.supports_pacing === true
      const now = clock.currentTimeMillisUnsafe()
      const notice = noticeFor(directory.known(id), instance, now)
      return ack(work, batches, paces ? { ...shedding.fields(now), ...notice } : notice)
    }, Effect.catch(errorResponse))
  )
}))
