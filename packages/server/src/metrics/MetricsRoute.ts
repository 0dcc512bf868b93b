import { metricsType } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { ServerMetrics } from "./ServerMetrics.ts"

/** `GET /metrics`, for Prometheus: like `/healthz` it needs no token, for it names nobody, and leaves no line in the log. */
export const layerMetricsRoute = Layer.unwrap(Effect.gen(function*() {
  const { meter } = yield* ServerMetrics
  const shedding = yield* LoadShedding
  meter.gauge("muster_sockets_open", "Sockets of daemons that this replica holds", shedding.sockets)
  return HttpRouter.add(
    "GET",
    "/metrics",
    Effect.map(meter.text, (text) => HttpServerResponse.text(text, { contentType: metricsType }))
  )
}))
