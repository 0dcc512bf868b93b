import type { Request } from "@muster/domain"
import { inRequestTrace } from "@muster/kit"
import { Effect, Layer } from "effect"
import { type Report, ServerApi } from "../client/ServerApi.ts"
import type { ServerError } from "../client/ServerError.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { DaemonMetrics } from "./DaemonMetrics.ts"

const outcomes = { Gone: "gone", Refused: "refused", Unreachable: "unreachable" } as const
const failure = ({ _tag }: ServerError) => outcomes[_tag]

/** Wraps `ServerApi`: counts beats and reports, and adds reports to the traces of their requests. */
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

const endings: Record<Request.Outcome["_tag"], string> = { Completed: "completed", Failed: "failed" }

const shown = ({ kind, outcome, requestId }: Report) =>
  `delivered result of request ${requestId} (${kind.name}): ${endings[outcome._tag]}`

/** Wraps `ServerApi`: writes an info line for each delivered result. */
export const layerDeliveredReports = Layer.effect(
  ServerApi,
  Effect.gen(function*() {
    const server = yield* ServerApi
    const say = yield* makeRoutineLog
    return ServerApi.of({
      ...server,
      report: (report) => Effect.tap(server.report(report), () => say(shown(report)))
    })
  })
)
