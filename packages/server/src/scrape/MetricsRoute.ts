import { Api } from "@muster/domain"
import { metricsType } from "@muster/kit"
import { Clock, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Readiness } from "../health/Readiness.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { addFleetGauges } from "./FleetGauges.ts"
import { addProcessMetrics } from "./processMetrics.ts"

/** `GET /metrics`, for Prometheus: like `/healthz` it needs no token, since it contains no names, and writes no line to the access log. */
export const layerMetricsRoute = Layer.unwrap(Effect.gen(function*() {
  const { meter } = yield* ServerMetrics
  const shedding = yield* LoadShedding
  const clock = yield* Clock.Clock
  const { environment } = yield* Readiness
  meter.gauge("muster_sockets_open", "Open sockets of daemons on this replica", shedding.sockets)
  addProcessMetrics(
    meter,
    { version: Api.version, environment },
    () => shedding.delay(clock.currentTimeMillisUnsafe())
  )
  const refresh = yield* addFleetGauges
  return HttpRouter.add(
    "GET",
    "/metrics",
    Effect.map(
      Effect.andThen(refresh, meter.text),
      (text) => HttpServerResponse.text(text, { contentType: metricsType })
    )
  )
}))
