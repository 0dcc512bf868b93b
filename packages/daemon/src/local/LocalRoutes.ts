import { metricsType } from "@muster/kit"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash, timingSafeEqual } from "node:crypto"
import { DaemonMetrics } from "../metrics/DaemonMetrics.ts"
import type { LocalHealth } from "./LocalHealth.ts"
import type { StatusBoard } from "./StatusBoard.ts"

/** Why a request to the local port is refused. */
export interface Denial {
  readonly status: 401 | 403
  readonly error: string
}

type Headers = Readonly<Record<string, string | undefined>>

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/**
 * Admits only programs on this machine that call the port by a loopback name. Requests of pages are refused: a browser sends
 * their `Origin`, or a rebound name as `Host`.
 */
const judgeCaller = (headers: Headers): Denial | undefined => {
  if (headers["origin"] !== undefined) return { status: 403, error: "pages are not served here" }
  if (!loopback.test(headers["host"] ?? "")) return { status: 403, error: "call this port as 127.0.0.1" }
  return undefined
}

const digest = (text: string) => createHash("sha256").update(text).digest()

/** Admits a control request with the token of this start. Compares in constant time, for any length. */
export const judgeControl = (headers: Headers, token: string): Denial | undefined => {
  const given = headers["authorization"] ?? ""
  return timingSafeEqual(digest(given), digest(`Bearer ${token}`))
    ? undefined
    : { status: 401, error: "control needs the token of this start: see daemon.json in the data folder" }
}

/** `GET /metrics` on the local port, for a Prometheus on this machine. */
export const makeMetricsRoute = (board: StatusBoard["Service"]) =>
  Effect.map(DaemonMetrics, ({ meter }) => {
    let depth = 0
    let connected = 0
    meter.gauge("muster_daemon_outbox_reports", "Reports that the server is not known to have", () => depth)
    meter.gauge("muster_daemon_socket_connected", "1 while the socket is open", () => connected)
    return HttpRouter.add(
      "GET",
      "/metrics",
      Effect.gen(function*() {
        const now = yield* board.snapshot
        depth = now.outbox.reports
        connected = now.socket === "connected" ? 1 : 0
        return HttpServerResponse.text(yield* meter.text, { contentType: metricsType })
      })
    )
  })

const denied = ({ error, status }: Denial) => HttpServerResponse.jsonUnsafe({ error }, { status })

/** Guards every route of the local port. */
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
 * The routes of the local port: `/health` for any program on this machine, `/shutdown` for callers with the token, which ends
 * running tasks at once with `?now=true`. No route reads a body. `more`: additional routes, such as metrics, with the same guard.
 */
export const layerLocalRoutes = (options: {
  readonly token: string
  readonly health: Effect.Effect<LocalHealth>
  readonly askToStop: Effect.Effect<void>
  /** The stop waits for no task. */
  readonly hurry: Effect.Effect<void>
  readonly more: Layer.Layer<never, never, HttpRouter.HttpRouter>
}) => {
  const health = Effect.map(options.health, (body) => HttpServerResponse.jsonUnsafe(body))
  const shutdown = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method, url }) => {
    if (method !== "POST") return wrongMethod
    const denial = judgeControl(headers, options.token)
    return denial === undefined
      ? Effect.as(
        Effect.andThen(url.endsWith("?now=true") ? options.hurry : Effect.void, options.askToStop),
        HttpServerResponse.jsonUnsafe({ status: "shutting down" })
      )
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
