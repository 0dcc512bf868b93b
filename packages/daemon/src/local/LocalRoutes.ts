import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { type Denial, judgeCaller, judgeControl } from "./LocalGuard.ts"
import type { LocalHealth } from "./LocalHealth.ts"

const denied = ({ error, status }: Denial) => HttpServerResponse.jsonUnsafe({ error }, { status })

/** Every route of the local port is behind this. */
const layerGuard = HttpRouter.middleware(
  (app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
      const denial = judgeCaller(headers)
      return denial === undefined ? app : Effect.succeed(denied(denial))
    }),
  { global: true }
)

const noRoute = Effect.succeed(HttpServerResponse.jsonUnsafe({ error: "not found" }, { status: 404 }))
const wrongMethod = Effect.succeed(
  HttpServerResponse.jsonUnsafe({ error: "use POST" }, { status: 405, headers: { allow: "POST" } })
)

/**
 * The daemon's local port: `/health` for whoever asks on this machine, `/shutdown` for who has the token. No route reads
 * a body. `more`: routes of others, such as metrics, under the same guard.
 */
export const layerLocalRoutes = (options: {
  readonly token: string
  readonly health: Effect.Effect<LocalHealth>
  readonly askToStop: Effect.Effect<void>
  readonly more: Layer.Layer<never, never, HttpRouter.HttpRouter>
}) => {
  const health = Effect.map(options.health, (body) => HttpServerResponse.jsonUnsafe(body))
  const shutdown = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    if (method !== "POST") return wrongMethod
    const denial = judgeControl(headers, options.token)
    return denial === undefined
      ? Effect.as(options.askToStop, HttpServerResponse.jsonUnsafe({ status: "shutting down" }))
      : Effect.succeed(denied(denial))
  })
  return Layer.mergeAll(
    HttpRouter.addAll([
      HttpRouter.route("*", "/health", health),
      HttpRouter.route("*", "/shutdown", shutdown),
      HttpRouter.route("*", "*", noRoute)
    ]),
    options.more,
    layerGuard
  )
}
