import { type Each, Meter, requestKinds, type Time } from "@muster/domain"
import { Context, Layer } from "effect"
import { storeNames } from "../condition/StoreTrouble.ts"

/** How a beat came. */
export type Transport = "http" | "socket"

/** How a beat ended: `fault` where a store could not answer. */
export type BeatOutcome = "ok" | "gone" | "refused" | "fault"

const outcomes = ["ok", "gone", "refused", "fault"] as const
const kinds = requestKinds.map(({ name }) => name)

const make = (meter: Meter) => {
  const beats = (transport: Transport) =>
    meter.counters(
      "muster_beats_total",
      "Beats of runtimes, by how they came and how they ended",
      "outcome",
      outcomes,
      {
        transport
      }
    )
  return {
    meter,
    beats: { http: beats("http"), socket: beats("socket") } as Readonly<
      Record<Transport, Each<BeatOutcome, () => void>>
    >,
    beatSeconds: meter.timers("muster_beat_seconds", "What a beat takes however it ends, by how it came", "transport", [
      "http",
      "socket"
    ]),
    /** One look is about all kinds at once, so it has no kind. */
    looks: meter.counters("muster_looks_total", "Looks for work, by what they found", "outcome", [
      "work",
      "nothing",
      "failed",
      "timed_out",
      "under_way"
    ]),
    bounds: meter.counters(
      "muster_bounds_reached_total",
      "What a bound of its own refused or ended, by bound",
      "bound",
      [
        "person_streams",
        "workspace_streams",
        "replica_streams",
        "runtime_sockets",
        "socket_frames",
        "person_requests",
        "workspace_requests",
        "person_tokens",
        "workspace_runtimes"
      ]
    ),
    lookSeconds: meter.timer("muster_look_seconds", "What a look for work of all kinds takes, given up after 1 s"),
    claimSeconds: meter.timers("muster_claim_seconds", "What a claim takes, by its kind", "kind", kinds) as Each<
      string,
      Time
    >,
    claimsFailed: meter.counter("muster_claims_failed_total", "Claims that the request store did not answer"),
    pickups: meter.counters("muster_pickups_total", "Requests handed to a daemon, by what made it so", "by", [
      "wake",
      "socket",
      "http"
    ]),
    wakesSent: meter.counters("muster_wakes_sent_total", "Hints given, by what they are about", "about", [
      "runtime",
      "request",
      "workspace"
    ]),
    wakesReceived: meter.counter(
      "muster_wakes_received_total",
      "Hints that made a socket of this replica look for a runtime's work"
    ),
    wakesMissed: meter.counter(
      "muster_wakes_missed_total",
      "Requests that a beat over a socket found, though the socket would have heard a hint"
    ),
    registrations: meter.counters(
      "muster_registrations_total",
      "Registrations of daemons, by what came of them",
      "outcome",
      [
        "new",
        "again",
        "workspace_absent",
        "refused",
        "fault"
      ]
    ),
    requestsCreated: meter.counters("muster_requests_created_total", "Requests made, by kind", "kind", kinds),
    requestsEnded: {
      completed: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "completed" }),
      failed: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "failed" }),
      timeout: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "timeout" })
    },
    requestClaim: meter.timers(
      "muster_request_claim_seconds",
      "From the creation of a request to its first pick-up, by kind",
      "kind",
      kinds
    ),
    requestSettle: meter.timers(
      "muster_request_settle_seconds",
      "From the creation of a request to its end by a report, by kind",
      "kind",
      kinds
    ),
    storeFaults: meter.counters(
      "muster_store_faults_total",
      "Calls that a store could not answer, by store",
      "store",
      storeNames
    ),
    storeSeconds: meter.timers("muster_store_seconds", "What a call to a store takes, by store", "store", storeNames)
  }
}

const ended = "Requests that came to their end, by kind and state; a timeout counts when somebody first sees it here"

/** What this replica counts and times. No label bears an id or a name of anybody. */
export class ServerMetrics extends Context.Service<ServerMetrics, ReturnType<typeof make>>()(
  "@muster/server/metrics/ServerMetrics"
) {
  /** Each server has its own, also where several live in one process. */
  static readonly layer = Layer.sync(this, () => make(new Meter()))
}
