import { Conditions } from "@muster/kit"
import { Cause, Clock, Effect, Layer, LogLevel, References, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { readableFailure } from "../http/readableFailure.ts"
import { withPolicy } from "../http/securityHeaders.ts"
import { isUpgraded, Upgrades } from "../http/Upgrades.ts"
import { clientLeft, lookedAt } from "./accessLevel.ts"
import { makeAccessLines } from "./AccessLines.ts"
import { requestIdHeader } from "./requestId.ts"

type Response = HttpServerResponse.HttpServerResponse

/** Routes that monitoring calls all day; they are not logged. */
const silent = new Set(["/health", "/healthz", "/readyz", "/metrics"])

const pathOf = (url: string) => {
  const query = url.indexOf("?")
  return query < 0 ? url : url.slice(0, query)
}

/** Returns the first 256 bytes of a body in memory; a streamed body is not read, so that memory is bounded. */
const headOf = ({ body }: Response) =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body.subarray(0, lookedAt)) : ""

/** Returns the response of a failed route. Logs an unexpected failure with its cause. */
const failed = (conditions: Conditions["Service"], cause: Cause.Cause<unknown>): Effect.Effect<Response> =>
  Effect.flatMap(
    HttpServerError.causeResponse(cause),
    ([response]) =>
      response.status >= 500 && !Cause.hasInterruptsOnly(cause)
        ? Effect.as(defect(conditions, Cause.pretty(cause)), response)
        : Effect.succeed(response)
  )

const defect = (conditions: Conditions["Service"], text: string) =>
  conditions.begin(`defect:${text.slice(0, 200)}`, `a request failed: ${text}`, {
    level: "Error",
    lapse: "requests no longer fail for this reason"
  })

/**
 * Logs one line per request, at the level of `accessLevel`; failures of one kind share a line. The line of a socket is logged at its end.
 * A suppressed line costs nothing.
 */
export const layerAccessLog = Layer.unwrap(Effect.gen(function*() {
  const conditions = yield* Conditions
  const clock = yield* Clock.Clock
  const upgrades = yield* Upgrades
  const lines = yield* makeAccessLines
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const quiet = LogLevel.isGreaterThan(yield* References.MinimumLogLevel, "Info")

  /** Logs the line and returns the response with the request's id; unchanged if there is no line. */
  const write = (request: HttpServerRequest.HttpServerRequest, response: Response, millis: number) => {
    const path = pathOf(request.url)
    if (silent.has(path)) return Effect.succeed(response)
    const asked = lines.read(request, path)
    const head = response.status < 400 ? "" : headOf(response)
    return Effect.as(
      lines.write(asked, { status: response.status, head, millis }),
      HttpServerResponse.setHeader(response, requestIdHeader, asked.id)
    )
  }

  /** Logs the line when the request's socket has ended. Keeps what the line needs, and not the request. */
  const writeAtEnd = (request: HttpServerRequest.HttpServerRequest, start: number) => {
    const asked = lines.read(request, pathOf(request.url))
    upgrades.onEnd(request, (broken) => {
      const status = broken ? clientLeft : 204
      run(lines.write(asked, { status, head: "", millis: clock.currentTimeMillisUnsafe() - start }))
    })
  }

  return HttpRouter.middleware(
    (app: Effect.Effect<Response, Types.unhandled>): Effect.Effect<
      Response,
      Types.unhandled,
      HttpServerRequest.HttpServerRequest
    > =>
      Effect.suspend(() => {
        const start = clock.currentTimeMillisUnsafe()
        const finish = (response: Response): Effect.Effect<Response, never, HttpServerRequest.HttpServerRequest> =>
          quiet && response.status < 400 && !isUpgraded(response)
            ? Effect.succeed(withPolicy(response))
            : Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
              if (isUpgraded(response)) return Effect.as(Effect.sync(() => writeAtEnd(request, start)), response)
              const readable = withPolicy(readableFailure(response))
              return write(request, readable, clock.currentTimeMillisUnsafe() - start)
            })
        return Effect.matchCauseEffect(app, {
          onSuccess: finish,
          onFailure: (cause) => Effect.flatMap(failed(conditions, cause), finish)
        })
      }),
    { global: true }
  )
}))
