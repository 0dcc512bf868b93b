import { Kinds, Limit, Task } from "@muster/domain"
import { type Each, Meter, type Time } from "@muster/kit"
import { Context, Layer } from "effect"
import { storeNames } from "../condition/StoreTrouble.ts"

/** The transport that a beat used. */
export type BeatTransport = "http" | "socket"

/** How a beat ended; `fault`: a store was unavailable. */
export type BeatOutcome = "ok" | "gone" | "refused" | "fault"

const outcomes = ["ok", "gone", "refused", "fault"] as const
const kinds = Kinds.all.map(({ name }) => name)

const make = (meter: Meter) => {
  const beats = (transport: BeatTransport) =>
    meter.counters(
      "muster_beats_total",
      "Beats of runtimes, by transport and outcome",
      "outcome",
      outcomes,
      {
        transport
      }
    )
  return {
    meter,
    beats: { http: beats("http"), socket: beats("socket") } as Readonly<
      Record<BeatTransport, Each<BeatOutcome, () => void>>
    >,
    beatSeconds: meter.timers(
      "muster_beat_seconds",
      "Duration of a beat, whatever its outcome, by transport",
      "transport",
      [
        "http",
        "socket"
      ]
    ),
    /** One probe covers all kinds, so it has no kind. */
    probes: meter.counters("muster_probes_total", "Probes for work, by what they found", "outcome", [
      "work",
      "nothing",
      "failed",
      "timed_out",
      "under_way"
    ]),
    bounds: meter.counters(
      "muster_bounds_reached_total",
      "Refused or ended by a bound, by bound",
      "bound",
      [
        "person_streams",
        "workspace_streams",
        "replica_streams",
        "runtime_sockets",
        "socket_frames",
        ...Limit.names,
        "person_tokens",
        "workspace_invitations",
        "workspace_runtimes",
        "audit_events"
      ]
    ),
    probeSeconds: meter.timer("muster_probe_seconds", "Duration of a probe for work of all kinds, given up after 1 s"),
    claimSeconds: meter.timers("muster_claim_seconds", "Duration of a claim, by kind", "kind", kinds) as Each<
      string,
      Time
    >,
    claimsFailed: meter.counter(
      "muster_claims_failed_total",
      "Claims that failed because the request store was unavailable"
    ),
    pickups: meter.counters(
      "muster_pickups_total",
      "Requests delivered to a daemon, by what triggered the delivery",
      "by",
      [
        "wake",
        "socket",
        "http"
      ]
    ),
    wakesSent: meter.counters("muster_wakes_sent_total", "Wakes published, by their topic", "about", [
      "runtime",
      "tasks",
      "request",
      "workspace",
      "task"
    ]),
    wakesReceived: meter.counter(
      "muster_wakes_received_total",
      "Wakes that made a socket of this replica probe for a runtime's work"
    ),
    wakesMissed: meter.counter(
      "muster_wakes_missed_total",
      "Requests that a socket beat found although a wake should have delivered them"
    ),
    registrations: meter.counters(
      "muster_registrations_total",
      "Registrations of daemons, by outcome",
      "outcome",
      [
        "new",
        "again",
        "workspace_absent",
        "refused",
        "fault"
      ]
    ),
    requestsCreated: meter.counters("muster_requests_created_total", "Requests created, by kind", "kind", kinds),
    requestsEnded: {
      completed: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "completed" }),
      failed: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "failed" }),
      timeout: meter.counters("muster_requests_ended_total", ended, "kind", kinds, { state: "timeout" })
    },
    requestClaim: meter.timers(
      "muster_request_claim_seconds",
      "Time from creation to the first delivery of a request, by kind",
      "kind",
      kinds
    ),
    requestSettle: meter.timers(
      "muster_request_settle_seconds",
      "Time from creation to a report that settles a request, by kind",
      "kind",
      kinds
    ),
    tasksCreated: meter.counter("muster_tasks_created_total", "Tasks created"),
    taskClaim: meter.timer("muster_task_claim_seconds", "Time from creation to the first delivery of a task"),
    tasksEnded: {
      completed: meter.counter("muster_tasks_ended_total", tasksEnded, { status: "completed", reason: "none" }),
      failed: meter.counters("muster_tasks_ended_total", tasksEnded, "reason", Task.Reason.literals, {
        status: "failed"
      }),
      cancelled: meter.counters("muster_tasks_ended_total", tasksEnded, "reason", ["confirmed", "unconfirmed"], {
        status: "cancelled"
      })
    },
    storeFaults: meter.counters(
      "muster_store_faults_total",
      "Calls that failed because a store was unavailable, by store",
      "store",
      storeNames
    ),
    storeSeconds: meter.timers("muster_store_seconds", "Duration of a call to a store, by store", "store", storeNames)
  }
}

const ended = "Requests in a terminal state, by kind and state; a timeout counts when this replica first reads it"

const tasksEnded = "Tasks that a call to this replica ended, by status and reason"

/** The counters and timers of this replica. No label contains an id or a name of a person or machine. */
export class ServerMetrics extends Context.Service<ServerMetrics, ReturnType<typeof make>>()(
  "@muster/server/metrics/ServerMetrics"
) {
  /** Each server has its own, even if several run in one process. */
  static readonly layer = Layer.sync(this, () => make(new Meter()))
}
