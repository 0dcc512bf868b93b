import { inRequestTrace } from "@muster/kit"
import { Effect, Layer } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import type { ServerError } from "../client/ServerError.ts"
import { DaemonMetrics } from "./DaemonMetrics.ts"

const outcomes = { Gone: "gone", Refused: "refused", Unreachable: "unreachable" } as const
const failure = ({ _tag }: ServerError) => outcomes[_tag]

/** The same server, with beats and reports counted, and reports in the traces of their requests. */
export const layerObservedServer = Layer.effect(
  ServerApi,
  Effect.gen(function*() {
    const server = yield* ServerApi
    const { httpBeats, reports } = yield* DaemonMetrics
    return ServerApi.of({
      ...server,
      heartbeat: (id) =>
        server.heartbeat(id).pipe(
          Effect.tap(({ gone }) => Effect.sync(() => gone ? httpBeats.gone() : httpBeats.ok())),
          Effect.tapError((error) => Effect.sync(() => httpBeats[failure(error)]()))
        ),
      report: (report) =>
        server.report(report).pipe(
          inRequestTrace(report.requestId, "request reported"),
          Effect.tap(() => Effect.sync(() => reports.accepted())),
          Effect.tapError((error) => Effect.sync(() => reports[failure(error)]()))
        )
    })
  })
)
