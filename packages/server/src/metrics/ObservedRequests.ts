import { Request, type RequestStore } from "@muster/domain"
import { eachOf, inRequestTrace } from "@muster/kit"
import { Clock, Effect, Option } from "effect"
import type { ServerMetrics } from "./ServerMetrics.ts"

/** How many ids of timed-out requests are kept, so that each is counted once. */
const remembered = 10_000

/** Adds one span without duration to a request's trace. */
const moment = (name: string, { id, kind }: Request.Request) =>
  inRequestTrace(id, name, { "muster.kind": kind })(Effect.void)

const since = (request: Request.Request, now: number) => Math.max(0, now - request.createdAt) / 1_000

/** Counts, times and traces the requests of a store. */
export const observeRequests = (
  real: RequestStore.RequestStore["Service"],
  metrics: ServerMetrics["Service"]
): RequestStore.RequestStore["Service"] => {
  const seen = new Set<Request.RequestId>()

  /** A timeout happens without a call, so it counts when it is first read. */
  const look = (request: Request.Request) => {
    if (request.state._tag !== "TimedOut" || seen.has(request.id)) return
    if (seen.size >= remembered) seen.delete(seen.values().next().value!)
    seen.add(request.id)
    eachOf(metrics.requestsEnded.timeout, request.kind)()
  }

  const claimed = (requests: ReadonlyArray<Request.Request>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.forEach(requests, (request) => {
        if (request.state._tag === "Running" && request.state.deliveries === 1) {
          eachOf(metrics.requestClaim, request.kind)(since(request, now))
        }
        return moment("request claimed", request)
      }, { discard: true }))

  return {
    ...real,
    create: (input) =>
      Effect.tap(real.create(input), ({ created, request }) => {
        if (created) eachOf(metrics.requestsCreated, request.kind)()
        return moment("request asked", request)
      }),
    get: (runtime, id) =>
      real.get(runtime, id).pipe(
        inRequestTrace(id, "request read"),
        Effect.tap((found) => Effect.sync(() => Option.map(found, look)))
      ),
    claim: (runtime, wanted) =>
      Effect.tap(real.claim(runtime, wanted), (requests) => requests.length === 0 ? Effect.void : claimed(requests)),
    settle: (runtime, id, outcome) =>
      real.settle(runtime, id, outcome).pipe(
        inRequestTrace(id, "request settled"),
        Effect.tap((settled) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (settled._tag === "Absent") return
            const { request } = settled
            if (settled._tag === "AlreadySettled" || !Request.isTerminal(request)) return look(request)
            const end = request.state._tag === "Completed" ? "completed" : "failed"
            eachOf(metrics.requestsEnded[end], request.kind)()
            eachOf(metrics.requestSettle, request.kind)(since(request, now))
          })
        )
      )
  }
}
