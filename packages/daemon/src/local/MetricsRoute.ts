import { metricsType } from "@muster/kit"
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { DaemonMetrics } from "../metrics/DaemonMetrics.ts"
import type { StatusBoard } from "./StatusBoard.ts"

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
