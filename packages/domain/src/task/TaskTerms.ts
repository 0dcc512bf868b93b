import { Schema } from "effect"

/** Bounds of what one runtime, workspace and concurrency key may have queued. */
export const maxQueued = { runtime: 1_000, workspace: 10_000, key: 200 } as const

/** The maximum bytes of a prompt in UTF-8. */
export const maxPrompt = 64 * 1024

/** The maximum bytes of a result's text in UTF-8; a longer one is cut by the daemon, at a character. */
export const maxResultText = 256 * 1024

/** How many tasks one claim may take. */
export const maxClaim = 32

/** How many tasks one sweep changes. */
export const maxSwept = 500

/** How many events one removal of old tasks removes, about. */
export const maxExpired = 10_000

/** The time limits of a task, in ms. Each state that is not terminal has one; see `Task.deadlineOf`. */
export const times = {
  /** A queued task that nobody claims fails. Counts from the time it was queued, and again at each retry. */
  queued: 24 * 60 * 60 * 1000,
  /** A claimed task that was not started is delivered again to the same daemon. */
  redeliverAfter: 90_000,
  /** A renewal of the lease by a daemon that prepares the task. */
  lease: 45_000,
  /** The maximum time between the claim and the start, however often the lease is renewed. */
  preparing: 15 * 60 * 1000,
  /** Without a lease, a claimed task that was not started goes back to the queue. */
  unstarted: 300_000,
  /** The reconnect grace: a running task whose daemon is silent for longer is lost. Offline is not failed. */
  grace: 3 * 60 * 60 * 1000,
  /** A canceled task whose daemon is in contact but does not confirm the end ends unconfirmed. */
  cancelling: 60_000,
  /** The same for a daemon that confirms nothing (v0.3.1). */
  cancellingSilently: 20_000,
  /**
   * The minimum wait before another attempt after one of a daemon that names no claim (v0.3.1): if it still runs the task,
   * it reads the status each 5 s and learns to stop.
   */
  silentStop: 15_000,
  /** How long an idempotency key refers to its task. */
  idempotency: 24 * 60 * 60 * 1000,
  /** A task token ends this long after its claim, whatever its task does. */
  token: 24 * 60 * 60 * 1000,
  /** How long after the end a v0.3.1 daemon's events are still accepted. */
  lateEvents: 30_000
} as const

/** The maximum number of deliveries of one claim. */
export const maxDeliveries = 3

/** The maximum number of attempts of a task. */
export const maxAttempts = 3

/**
 * Why a task failed. `agent_error`: what the agent itself reported. The other reasons name the part that failed: queue,
 * daemon, agent process, watchdog, provider.
 */
export const Reason = Schema.Literals([
  "queued_expired",
  "dispatch_timeout",
  "runtime_lost",
  "runtime_deleted",
  "daemon_restarted",
  "agent_missing",
  "agent_start",
  "agent_died",
  "agent_error",
  "agent_refused",
  "protocol_error",
  "start_timeout",
  "first_event_timeout",
  "idle_timeout",
  "tool_timeout",
  "timeout",
  "folder_refused",
  "model_unavailable",
  "no_disk",
  "provider_auth",
  "provider_quota",
  "provider_network",
  "iteration_limit",
  "superseded"
])
export type Reason = typeof Reason.Type

/**
 * The waits before another attempt, in ms, by the reason of the failure: the first entry before the second attempt. A
 * reason that is not here is not tried again: what the agent said or did is final. `runtime_lost` and
 * `dispatch_timeout` of a daemon that names no claim (v0.3.1) are not tried again either: it may still run the task.
 */
export const retryWaits: Partial<Record<Reason, ReadonlyArray<number>>> = {
  runtime_lost: [0, 30_000],
  daemon_restarted: [0, 30_000],
  dispatch_timeout: [0, 30_000],
  agent_died: [0, 30_000],
  provider_network: [5_000, 30_000]
}
