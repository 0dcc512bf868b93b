import type { Identity, Request, Runtime, Store } from "@muster/domain"
import { Context, type Effect, type Option } from "effect"

/** The outcome that a hook prepared from a completed report. */
export interface PreparedOutcome {
  readonly outcome: Request.Outcome
  /** Whether this record has the prepared outcome. Another report of the same request may have written it. */
  readonly isIn: (request: Request.Request) => boolean
  /** Undoes what was created for the outcome, if the request ends otherwise. */
  readonly undo: Effect.Effect<void, Store.StoreUnavailable>
}

/** A result that the server already has: a completed request in no store, and further fields of the reply. */
export interface AtHand {
  readonly request: Request.Request
  readonly beside: Request.Json
}

/** What the server does for requests of one kind beyond the generic engine. */
export interface Hook {
  /**
   * Returns a result without a request to the daemon, if there is one; only for kinds whose results are `kept`. It may
   * also send a request on behalf of `by`; null: the person may not.
   */
  readonly atHand?: (runtime: Runtime.Runtime, by: Identity.UserId | null) => Effect.Effect<Option.Option<AtHand>>
  /** Returns the result that `atHand` returned with this id, while it is kept. */
  readonly recalled?: (runtime: Runtime.Runtime, id: string) => Effect.Effect<Option.Option<AtHand>>
  /**
   * Returns the outcome of a completed report, before the request settles. May run more than once for one request (a
   * daemon repeats its report), also concurrently; every run returns the same. Absent: the report is the result.
   */
  readonly complete?: (
    runtime: Runtime.Runtime,
    request: Request.Request,
    reported: Request.Json
  ) => Effect.Effect<PreparedOutcome, Store.StoreUnavailable>
  /** Runs once after a report settled the request. */
  readonly settled?: (runtime: Runtime.Runtime, request: Request.Request) => Effect.Effect<void>
}

/** The server's hooks, by the kind's name. */
export class Hooks extends Context.Service<Hooks, ReadonlyMap<string, Hook>>()("@muster/server/request/Hooks") {}
