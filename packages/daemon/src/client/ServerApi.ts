import type { Identity, Request, RequestKind, Runtime } from "@muster/domain"
import { Context, type Effect } from "effect"
import type { Gone, Refused, Unreachable } from "./ServerError.ts"

/** A workspace that the daemon's token is a member of. */
export interface ListedWorkspace {
  readonly id: Identity.WorkspaceId
  readonly name: string
}

/** One CLI as a registration offers it. */
export interface OfferedCli {
  readonly provider: string
  readonly version: string
}

/** One runtime as the server's reply to a registration has it. */
export interface RegisteredRow {
  readonly id: Runtime.RuntimeId
  readonly provider: string
  readonly name: string
}

/** The answer to a beat. `fields` carries the work; see `Ack.read`. */
export interface BeatReply {
  readonly gone: boolean
  /** Another machine uses this daemon's id, and keeps it. */
  readonly second?: boolean
  readonly fields: Request.Json
}

/** The end of a request, for the server to know. */
export interface Report {
  readonly runtimeId: Runtime.RuntimeId
  readonly kind: RequestKind.RequestKind
  readonly requestId: Request.RequestId
  readonly outcome: Request.Outcome
}

type Failure = Refused | Unreachable

/**
 * The server as the daemon sees it. Every call ends within its deadline (30 s; listing workspaces 15 s) and is abandoned
 * at once when its fiber is interrupted. Nothing is retried here: that is the callers' business.
 */
export class ServerApi extends Context.Service<ServerApi, {
  /** Oldest first. */
  readonly workspaces: Effect.Effect<ReadonlyArray<ListedWorkspace>, Failure>
  /** All CLIs of the machine in one workspace; idempotent by (workspace, daemon, provider). Answers at least one row. */
  readonly register: (
    workspace: Identity.WorkspaceId,
    clis: ReadonlyArray<OfferedCli>
  ) => Effect.Effect<ReadonlyArray<RegisteredRow>, Failure>
  /** "These are offline now." Unknown ids are skipped by the server. */
  readonly deregister: (runtimes: ReadonlyArray<Runtime.RuntimeId>) => Effect.Effect<void, Failure>
  readonly heartbeat: (runtime: Runtime.RuntimeId) => Effect.Effect<BeatReply, Gone | Failure>
  /** "What ran on this runtime before is lost." Fails its unfinished tasks on the server. */
  readonly recoverOrphans: (runtime: Runtime.RuntimeId) => Effect.Effect<void, Gone | Failure>
  /** Done when the server has it, also when it knew before. */
  readonly report: (report: Report) => Effect.Effect<void, Gone | Failure>
}>()("@muster/daemon/client/ServerApi") {}
