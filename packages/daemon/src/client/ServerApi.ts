import type { Identity, Repository, Request, RequestKind, Runtime } from "@muster/domain"
import { Context, type Effect } from "effect"
import type { Gone, Refused, Unreachable } from "./ServerError.ts"

/** A workspace that the daemon's token is a member of. */
export interface ListedWorkspace {
  readonly id: Identity.WorkspaceId
  readonly name: string
  /** The URLs that agents may check out; absent: the server lists their version. */
  readonly repositories?: ReadonlyArray<string>
  /** Changes with the list of repositories; absent: the server lists them, or is too old to have them. */
  readonly repositoriesVersion?: string
  /** Absent: the server is too old to list them. */
  readonly settings?: Repository.Settings
}

/** The repositories that agents of a workspace may check out. */
export interface RepositoryUrls {
  readonly urls: ReadonlyArray<string>
  readonly version: string
}

/** One CLI in a registration. */
export interface OfferedCli {
  readonly provider: string
  readonly version: string
}

/** One runtime in the server's reply to a registration. */
export interface RegisteredRow {
  readonly id: Runtime.RuntimeId
  readonly provider: string
  readonly name: string
}

/** The reply to a beat. `fields` contains the work; see `Ack.read`. */
export interface BeatReply {
  readonly gone: boolean
  /** True: another machine uses this daemon's id and keeps it. */
  readonly second?: boolean
  readonly fields: Request.Json
}

/** The result of a request. */
export interface Report {
  readonly runtimeId: Runtime.RuntimeId
  readonly kind: RequestKind.RequestKind
  readonly requestId: Request.RequestId
  readonly outcome: Request.Outcome
}

type Failure = Refused | Unreachable

/**
 * The server's API for daemons. Every call ends within its deadline (30 s; listing workspaces 15 s) and at once when its fiber
 * is interrupted. Nothing is retried here: callers retry.
 */
export class ServerApi extends Context.Service<ServerApi, {
  /** Oldest first. */
  readonly workspaces: Effect.Effect<ReadonlyArray<ListedWorkspace>, Failure>
  /**
   * Registers all CLIs of the machine in one workspace; idempotent by (workspace, daemon, provider). Returns at least one row.
   */
  readonly register: (
    workspace: Identity.WorkspaceId,
    clis: ReadonlyArray<OfferedCli>
  ) => Effect.Effect<ReadonlyArray<RegisteredRow>, Failure>
  readonly repositories: (workspace: Identity.WorkspaceId) => Effect.Effect<RepositoryUrls, Failure>
  /** Reports these runtimes as offline. The server ignores unknown ids. */
  readonly deregister: (runtimes: ReadonlyArray<Runtime.RuntimeId>) => Effect.Effect<void, Failure>
  readonly heartbeat: (runtime: Runtime.RuntimeId) => Effect.Effect<BeatReply, Gone | Failure>
  /** Reports that what ran on this runtime before is lost: the server fails its unfinished tasks. */
  readonly recoverOrphans: (runtime: Runtime.RuntimeId) => Effect.Effect<void, Gone | Failure>
  /** Succeeds when the server has the result, also if it had it before. */
  readonly report: (report: Report) => Effect.Effect<void, Gone | Failure>
}>()("@muster/daemon/client/ServerApi") {}
