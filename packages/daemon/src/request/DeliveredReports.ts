import type { Request } from "@muster/domain"
import { Effect, Layer } from "effect"
import { type Report, ServerApi } from "../client/ServerApi.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"

const endings: Record<Request.Outcome["_tag"], string> = { Completed: "completed", Failed: "failed" }

const shown = ({ kind, outcome, requestId }: Report) =>
  `delivered result of request ${requestId} (${kind.name}): ${endings[outcome._tag]}`

/** The same server; each result that it takes is one line at info. */
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
