import { Runtime } from "@muster/domain"
import { Schema } from "effect"
import type { DaemonSnapshot } from "../DaemonStatus.ts"

/** A Go duration to the second: `1h2m3s`. */
export const goDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${h > 0 ? `${h}h` : ""}${h > 0 || m > 0 ? `${m}m` : ""}${s}s`
}

/**
 * The response of `/health` on the local port. The first fields are those that a tool of v0.3.1 reads (`docs/protocol.md` 14);
 * the others are Muster's. Times are epoch ms.
 */
export const LocalHealth = Schema.Struct({
  /** `running` when the first discovery, the first listing of workspaces and the first registrations are over. */
  status: Schema.Literals(["starting", "running", "stopping"]),
  pid: Schema.Int,
  uptime: Schema.String,
  daemon_id: Schema.String,
  device_name: Schema.String,
  server_url: Schema.String,
  cli_version: Schema.String,
  active_task_count: Schema.Int,
  /** The providers with a runtime. */
  agents: Schema.Array(Schema.String),
  /** Null: unknown. */
  workspaces: Schema.NullOr(Schema.Array(Schema.Struct({ id: Schema.String, runtimes: Schema.Array(Schema.String) }))),

  os: Schema.String,
  /** Empty for the default profile. */
  profile: Schema.String,
  data_folder: Schema.String,
  started_at: Schema.Finite,
  /** The problem, or what the daemon waits for, in one sentence; null if there is none. */
  why: Schema.NullOr(Schema.String),
  transport: Schema.Literals(["http", "socket"]),
  runtimes: Schema.Array(Schema.Struct({
    id: Schema.String,
    workspace_id: Schema.String,
    provider: Schema.String,
    name: Schema.String,
    version: Schema.String,
    path: Schema.String,
    /** When the server last answered a beat of it; null: never. */
    last_beat_at: Schema.NullOr(Schema.Finite)
  })),
  skipped: Schema.Array(Schema.Struct({
    provider: Schema.String,
    reason: Schema.String,
    /** `slow`: it gave no answer in time. */
    verdict: Runtime.CliVerdict,
    path: Schema.optionalKey(Schema.String)
  })),
  /** Results that the server is not known to have. */
  outbox: Schema.Struct({ reports: Schema.Int, bytes: Schema.Int }),
  /** The tasks that the daemon has; absent in the answer of an older daemon. */
  tasks: Schema.optionalKey(Schema.Array(Schema.Struct({
    id: Schema.String,
    runtime_id: Schema.String,
    /** `preparing`, `running`, or `reporting`: its end is not confirmed by the server. */
    phase: Schema.String
  }))),
  /** How long, in seconds, a stop waits for running tasks; absent in the answer of an older daemon. */
  drain_tasks: Schema.optionalKey(Schema.Int),
  /** Whose credential the daemon uses; absent in the answer of an older daemon. */
  credential: Schema.optionalKey(Schema.Struct({
    kind: Schema.Literals(["machine", "person", "daemon"]),
    /** The machine that joined; null: none did. */
    machine: Schema.NullOr(Schema.Struct({
      id: Schema.String,
      name: Schema.String,
      expires_at: Schema.Finite,
      /** The note of a drain; null: it is not drained. */
      draining: Schema.NullOr(Schema.String)
    }))
  })),
  /** This machine's clock minus the server's, in ms; null: unknown. */
  clock_skew_ms: Schema.NullOr(Schema.Finite)
})
export type LocalHealth = typeof LocalHealth.Type

/** The process of the daemon. */
type Fixed =
  | "cli_version"
  | "daemon_id"
  | "data_folder"
  | "device_name"
  | "drain_tasks"
  | "os"
  | "pid"
  | "profile"
  | "server_url"
  | "started_at"
  | "uptime"

/** Returns the `/health` response of a daemon with this status. */
export const localHealth = (
  of: Pick<LocalHealth, Fixed>,
  { clockSkew, credential, outbox, problem, runtimes, skipped, socket, state, tasks, workspaces }: DaemonSnapshot,
  stopping: boolean
): LocalHealth => ({
  ...of,
  // Of a task that is only reported, nothing runs.
  active_task_count: tasks.filter(({ phase }) => phase !== "reporting").length,
  status: stopping ? "stopping" : state,
  agents: [...new Set(runtimes.map(({ provider }) => provider))],
  workspaces: workspaces.length === 0
    ? null
    : workspaces.map(({ id }) => ({
      id,
      runtimes: runtimes.filter(({ workspaceId }) => workspaceId === id).map((runtime) => runtime.id)
    })),
  why: problem ?? (state === "starting" ? "looks for agent CLIs and registers them" : null),
  transport: socket === "connected" ? "socket" : "http",
  runtimes: runtimes.map(({ id, lastBeatAt, name, path, provider, version, workspaceId }) => ({
    id,
    workspace_id: workspaceId,
    provider,
    name,
    version,
    path,
    last_beat_at: lastBeatAt
  })),
  skipped,
  outbox,
  tasks: tasks.map(({ id, phase, runtimeId }) => ({ id, runtime_id: runtimeId, phase })),
  credential: {
    kind: credential.kind,
    machine: credential.machine === null ? null : {
      id: credential.machine.id,
      name: credential.machine.name,
      expires_at: credential.machine.expiresAt,
      draining: credential.machine.draining
    }
  },
  clock_skew_ms: clockSkew
})
