import type { Request, RequestKind } from "@muster/domain"
import { eachOf, inRequestTrace } from "@muster/kit"
import { Clock, Effect } from "effect"
import { DaemonMetrics } from "./DaemonMetrics.ts"

/** Counts, times and traces the work on one request. */
export const observeWork =
  (kind: RequestKind.RequestKind, id: Request.RequestId) => <R>(work: Effect.Effect<Request.Outcome, never, R>) =>
    Effect.gen(function*() {
      const { requests, workSeconds } = yield* DaemonMetrics
      const start = yield* Clock.currentTimeMillis
      const outcome = yield* work.pipe(inRequestTrace(id, "request worked on", { "muster.kind": kind.name }))
      eachOf(workSeconds, kind.name)(((yield* Clock.currentTimeMillis) - start) / 1_000)
      eachOf(requests[outcome._tag], kind.name)()
      return outcome
    })
