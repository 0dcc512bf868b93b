import type { Request } from "@muster/domain"
import { inRequestTrace } from "@muster/kit"
import { Context, Effect, Layer } from "effect"
import { type Report, ServerApi } from "../client/ServerApi.ts"
import type { ServerError } from "../client/ServerError.ts"
import { makeServerReach, ServerReach } from "../client/ServerReach.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { DaemonMetrics } from "./DaemonMetrics.ts"

const outcomes = { Gone: "gone", Refused: "refused", Unreachable: "unreachable" } as const
const failure = ({ _tag }: ServerError) => outcomes[_tag]

const endings: Record<Request.Outcome["_tag"], string> = { Completed: "completed", Failed: "failed" }

const shown = ({ kind, outcome, requestId }: Report) =>
  `delivered result of request ${requestId} (${kind.name}): ${endings[outcome._tag]}`

/**
 * Wraps `ServerApi`, and provides `ServerReach`, which learns from its calls. The order around a call, the innermost first:
 * span, metrics, log line, reach. So a waiter for the server's return continues after the call is counted and logged.
 */
export const layerObservedServer = Layer.effectContext(Effect.gen(function*() {
  const server = yield* ServerApi
  const { httpBeats, reports } = yield* DaemonMetrics
  const say = yield* makeRoutineLog
  const reach = makeServerReach()

  const countBeat = (beat: ReturnType<typeof server.heartbeat>) =>
    beat.pipe(
      Effect.tap(({ gone }) => Effect.sync(() => gone ? httpBeats.gone() : httpBeats.ok())),
      Effect.tapError((error) => Effect.sync(() => httpBeats[failure(error)]()))
    )
  const countReport = (report: ReturnType<typeof server.report>) =>
    report.pipe(
      Effect.tap(() => Effect.sync(() => reports.accepted())),
      Effect.tapError((error) => Effect.sync(() => reports[failure(error)]()))
    )

  // Each call is listed, so that a new one is decided about here.
  const observed = ServerApi.of({
    workspaces: reach.steadyCall(server.workspaces),
    register: (workspace, clis) => reach.call(server.register(workspace, clis)),
    repositories: (workspace) => reach.call(server.repositories(workspace)),
    // The last call of a daemon: nothing waits for the server after it.
    deregister: server.deregister,
    heartbeat: (runtime) => server.heartbeat(runtime).pipe(countBeat, reach.steadyCall),
    recoverOrphans: (runtime) => reach.call(server.recoverOrphans(runtime)),
    report: (report) =>
      server.report(report).pipe(
        inRequestTrace(report.requestId, "request reported"),
        countReport,
        Effect.tap(() => say(shown(report))),
        reach.call
      )
  })
  return Context.make(ServerReach, reach.service).pipe(Context.add(ServerApi, observed))
}))
