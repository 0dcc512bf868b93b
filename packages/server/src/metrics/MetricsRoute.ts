import { metricsType } from "@muster/kit"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { ServerMetrics } from "./ServerMetrics.ts"

/** `GET /metrics`, for Prometheus: like `/healthz` it needs no token, since it contains no names, and writes no line to the access log. */
export const layerMetricsRoute = Layer.unwrap(Effect.gen(function*() {
  const { meter } = yield* ServerMetrics
  const shedding = yield* LoadShedding
  meter.gauge("muster_sockets_open", "Open sockets of daemons on this replica", shedding.sockets)
  return HttpRouter.add(
    "GET",
    "/metrics",
    Effect.map(meter.text, (text) => HttpServerResponse.text(text, { contentType: metricsType }))
  )
}))
