import { Kinds, type Request, type RequestKind } from "@muster/domain"
import { eachOf, inRequestTrace, Meter } from "@muster/kit"
import { Clock, Context, Effect, Layer } from "effect"

const kinds = Kinds.all.map(({ name }) => name)
const ended = "Requests worked on, by kind and how that ended"
const beats = "Beats of runtimes, by how they went and how that ended; over a socket, its acks"

const make = () => {
  const meter = new Meter()
  return {
    meter,
    httpBeats: meter.counters("muster_daemon_beats_total", beats, "outcome", ["ok", "gone", "refused", "unreachable"], {
      transport: "http"
    }),
    socketBeats: meter.counters("muster_daemon_beats_total", beats, "outcome", ["ok", "gone"], { transport: "socket" }),
    registrations: meter.counters("muster_daemon_registrations_total", "Registrations begun, by reason", "reason", [
      "first",
      "gone",
      "version",
      "new_cli"
    ]),
    requests: {
      Completed: meter.counters("muster_daemon_requests_total", ended, "kind", kinds, { state: "completed" }),
      Failed: meter.counters("muster_daemon_requests_total", ended, "kind", kinds, { state: "failed" })
    },
    workSeconds: meter.timers("muster_daemon_work_seconds", "What the work on a request takes, by kind", "kind", kinds),
    reports: meter.counters("muster_daemon_reports_total", "Reports sent, by what the server said", "outcome", [
      "accepted",
      "gone",
      "refused",
      "unreachable"
    ]),
    socketDials: meter.counters("muster_daemon_socket_dials_total", "Sockets dialed, by what came of it", "outcome", [
      "opened",
      "refused",
      "failed"
    ])
  }
}

/** What this daemon counts and times. No label contains an id or a name. */
export const DaemonMetrics = Context.Reference("@muster/daemon/metrics/DaemonMetrics", { defaultValue: make })

/** One per daemon, also if one process runs several. */
export const layerDaemonMetrics = Layer.sync(DaemonMetrics, make)

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
