import { Cause, Clock, Effect, Exit, LogLevel, References, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { readableFailure } from "../http/readableFailure.ts"
import { accessLevel, lookedAt } from "./accessLevel.ts"

/** Routes that machines ask all day; they leave no line. */
const silent = new Set(["/health", "/healthz", "/readyz", "/metrics"])

const pathOf = (url: string) => {
  const query = url.indexOf("?")
  return query < 0 ? url : url.slice(0, query)
}

/** The first 256 bytes of a body that lies in memory; a streamed body is not looked at, so memory is bounded. */
const headOf = ({ body }: HttpServerResponse.HttpServerResponse) =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body.subarray(0, lookedAt)) : ""

const respond = Effect.fnUntraced(function*(exit: Exit.Exit<HttpServerResponse.HttpServerResponse, unknown>) {
  if (Exit.isSuccess(exit)) return readableFailure(exit.value)
  const [response] = yield* HttpServerError.causeResponse(exit.cause)
  if (response.status >= 500 && !Cause.hasInterruptsOnly(exit.cause)) {
    yield* Effect.logError("a request failed", exit.cause)
  }
  return readableFailure(response)
})

/** One line per request, at the level of `accessLevel`; what would not be written is not formatted. */
export const layerAccessLog = HttpRouter.middleware(
  Effect.fnUntraced(function*(
    app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>
  ): Effect.fn.Return<HttpServerResponse.HttpServerResponse, Types.unhandled, HttpServerRequest.HttpServerRequest> {
    const request = yield* HttpServerRequest.HttpServerRequest
    const clock = yield* Clock.Clock
    const start = clock.currentTimeMillisUnsafe()
    const response = yield* respond(yield* Effect.exit(app))
    const least = yield* References.MinimumLogLevel
    const level = accessLevel(response.status, response.status === 404 ? headOf(response) : "")
    if (LogLevel.isLessThan(level, least)) return response
    const path = pathOf(request.url)
    if (silent.has(path)) return response
    yield* Effect.annotateLogs(Effect.logWithLevel(level)("request"), {
      method: request.method,
      path,
      status: response.status,
      ms: clock.currentTimeMillisUnsafe() - start
    })
    return response
  }),
  { global: true }
)
