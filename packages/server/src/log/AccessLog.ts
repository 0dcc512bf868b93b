import { Cause, Clock, Effect, LogLevel, References, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { readableFailure } from "../http/readableFailure.ts"
import { accessLevel, lookedAt } from "./accessLevel.ts"

type Response = HttpServerResponse.HttpServerResponse

/** Routes that machines ask all day; they leave no line. */
const silent = new Set(["/health", "/healthz", "/readyz", "/metrics"])

const pathOf = (url: string) => {
  const query = url.indexOf("?")
  return query < 0 ? url : url.slice(0, query)
}

/** The first 256 bytes of a body that lies in memory; a streamed body is not looked at, so memory is bounded. */
const headOf = ({ body }: Response) =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body.subarray(0, lookedAt)) : ""

/** What a failed route answers; a failure that nobody meant is written with its cause. */
const failed = (cause: Cause.Cause<unknown>): Effect.Effect<Response> =>
  Effect.flatMap(
    HttpServerError.causeResponse(cause),
    ([response]) =>
      response.status >= 500 && !Cause.hasInterruptsOnly(cause)
        ? Effect.as(Effect.logError("a request failed", cause), response)
        : Effect.succeed(response)
  )

const write = (request: HttpServerRequest.HttpServerRequest, response: Response, millis: number) => {
  const level = accessLevel(response.status, response.status === 404 ? headOf(response) : "")
  const path = pathOf(request.url)
  return silent.has(path) ? Effect.void : Effect.annotateLogs(Effect.logWithLevel(level)("request"), {
    method: request.method,
    path,
    status: response.status,
    ms: millis
  })
}

/** One line per request, at the level of `accessLevel`. What would not be written costs nothing. */
export const layerAccessLog = HttpRouter.middleware(
  (app: Effect.Effect<Response, Types.unhandled>): Effect.Effect<
    Response,
    Types.unhandled,
    HttpServerRequest.HttpServerRequest
  > =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const start = clock.currentTimeMillisUnsafe()
      const quiet = LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), "Info")
      const finish = (response: Response): Effect.Effect<Response, never, HttpServerRequest.HttpServerRequest> =>
        quiet && response.status < 400
          ? Effect.succeed(response)
          : Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
            const readable = readableFailure(response)
            return Effect.as(write(request, readable, clock.currentTimeMillisUnsafe() - start), readable)
          })
      return Effect.matchCauseEffect(app, {
        onSuccess: finish,
        onFailure: (cause) => Effect.flatMap(failed(cause), finish)
      })
    }),
  { global: true }
)
