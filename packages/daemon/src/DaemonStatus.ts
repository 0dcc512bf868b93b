import type { Identity, Runtime } from "@muster/domain"
import { Context, type Effect } from "effect"
import type { CredentialStatus } from "./machine/CredentialStatus.ts"
import { isByDocumentation } from "./provider/providers.ts"
import type { OutboxDepth } from "./request/Outbox.ts"
import type { Cli, SkippedCli } from "./runtime/Clis.ts"
import type { TaskStatus } from "./task/TaskWorker.ts"

/** The status of a daemon. */
export interface DaemonSnapshot {
  /** `starting`: until the first discovery, the first listing of workspaces and the first registrations are over. */
  readonly state: "starting" | "running"
  /** The problem, in one sentence; null if there is none. */
  readonly problem: string | null
  readonly runtimes: ReadonlyArray<{
    readonly id: Runtime.RuntimeId
    readonly workspaceId: Identity.WorkspaceId
    readonly provider: string
    readonly name: string
    readonly version: string
    /** Of the executable, absolute. */
    readonly path: string
    /** When the server last answered a beat of it, in epoch ms; null: never. */
    readonly lastBeatAt: number | null
  }>
  /** The CLIs that were found, registered or not. */
  readonly clis: ReadonlyArray<{
    readonly provider: string
    readonly version: string
    /** Notes for people, a few words each. */
    readonly notes: ReadonlyArray<string>
  }>
  /** The workspaces of the daemon, with or without runtimes. */
  readonly workspaces: ReadonlyArray<{ readonly id: Identity.WorkspaceId; readonly name: string }>
  /** CLIs that are left out, and why. */
  readonly skipped: ReadonlyArray<SkippedCli>
  readonly socket: "connected" | "disconnected"
  readonly credential: CredentialStatus
  readonly outbox: OutboxDepth
  /** The tasks that it has, those whose end is not reported yet included. */
  readonly tasks: ReadonlyArray<TaskStatus>
  /** This machine's clock minus the server's, in ms; null: unknown. */
  readonly clockSkew: number | null
}

/** The status of the daemon in this process. */
export class DaemonStatus extends Context.Service<DaemonStatus, {
  /** Waits until the first sync of workspaces and the first registration in each are over, whatever their outcome. */
  readonly awaitReady: Effect.Effect<void>
  readonly snapshot: Effect.Effect<DaemonSnapshot>
}>()("@muster/daemon/DaemonStatus") {}

/** Returns notes for people about a CLI, a few words each. */
export const cliNotes = (
  { bundled, provider, slow }: Pick<Cli, "bundled" | "provider" | "slow">
): ReadonlyArray<string> => [
  ...(slow === true ? ["slow to answer; its last known version"] : []),
  ...(bundled === true ? ["bundled with Muster"] : []),
  ...(isByDocumentation(provider) ? ["supported by documentation only"] : [])
]
