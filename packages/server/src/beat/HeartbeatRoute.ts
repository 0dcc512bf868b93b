import { Ack, Api, type Identity, Instances, Kinds, type Request, Uuid, WireError } from "@muster/domain"
import { Clock, Effect, Layer, Option, Predicate, Schema } from "effect"
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

type Body = typeof Api.HeartbeatBody.Type

const isFlag = (value: unknown) => value === undefined || typeof value === "boolean"

/** Whether a body has the form of nearly every beat, which the schema accepts unchanged. */
const isPlain = (body: unknown): body is Body =>
  Predicate.isObject(body) && isFlag(body["supports_batch_import"]) && isFlag(body["supports_pacing"]) &&
  typeof body["runtime_id"] === "string" && Uuid.parse(body["runtime_id"]) !== undefined

/** Returns the body by the schema, which costs 4 % of a beat, only where it decides; undefined: the body is invalid. */
const readBody = (body: unknown): Body | undefined => isPlain(body) ? body : Option.getOrUndefined(decodeBody(body))

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

  const beat = (request: HttpServerRequest.HttpServerRequest, credential: Identity.Credential, body: unknown) => {
    const read = readBody(body)
    if (read === undefined) return Effect.fail(WireError.invalidBody())
    const { runtime_id, supports_batch_import, supports_pacing } = read
    if (!runtime_id) return Effect.fail(WireError.required("runtime_id"))
    return Effect.flatMapEager(runtimeIdFrom(runtime_id), (id) => {
      const instance = Instances.instanceFrom(request.headers[Instances.instanceHeader])
      const batches = supports_batch_import === true
      return Effect.map(heartbeat.beat(credential, id, batches, "http", instance), (work) => {
        const now = clock.currentTimeMillisUnsafe()
        const notice = noticeFor(directory.known(id), instance, now)
        return ack(work, batches, supports_pacing === true ? { ...shedding.fields(now), ...notice } : notice)
      })
    })
  }

  // Composed without a generator, which costs a beat 1 KB. A cached credential costs no effect.
  return HttpRouter.add(
    "POST",
    "/api/daemon/heartbeat",
    (request: HttpServerRequest.HttpServerRequest) =>
      Effect.flatMapEager(
        daemonCredential(authenticator, request.headers),
        (credential) => Effect.flatMap(jsonBody(request), (body) => beat(request, credential, body))
      ).pipe(Effect.catch(errorResponse))
  )
}))
