import type { Json, Outcome, Request, Runtime, StoreUnavailable, UserId } from "@muster/domain"
import { Context, type Effect, type Option } from "effect"

/** What a completed report became. */
export interface PreparedOutcome {
  readonly outcome: Outcome
  /** Whether what was made stands in this record: another report of the same request may have brought it there. */
  readonly stands: (request: Request) => boolean
  /** Takes back what was made for an outcome that is not the request's end after all. */
  readonly undo: Effect.Effect<void, StoreUnavailable>
}

/** An answer that is at hand: a completed request in no store, and what the reply says beside it. */
export interface AtHand {
  readonly request: Request
  readonly beside: Json
}

/** What the end of a request of one kind means to the server. */
export interface Hook {
  /**
   * An answer without asking the daemon, where there is one; only of kinds whose answers are `kept`. It may ask the daemon
   * beside, in the name of `by`; null: a person who may not.
   */
  readonly atHand?: (runtime: Runtime, by: UserId | null) => Effect.Effect<Option.Option<AtHand>>
  /** The answer that was at hand under this id, for whoever looks at it afterwards; none once it is no longer. */
  readonly recalled?: (runtime: Runtime, id: string) => Effect.Effect<Option.Option<AtHand>>
  /**
   * Makes the outcome of a completed report, before the request settles. May run more than once for one request (a
   * daemon repeats its report), also at the same time; all of them answer the same. Absent: the report is the result.
   */
  readonly complete?: (
    runtime: Runtime,
    request: Request,
    reported: Json
  ) => Effect.Effect<PreparedOutcome, StoreUnavailable>
  /** After a report settled the request; once. */
  readonly settled?: (runtime: Runtime, request: Request) => Effect.Effect<void>
}

/** The server's hooks, by the kind's name. */
export class Hooks extends Context.Service<Hooks, ReadonlyMap<string, Hook>>()("@muster/server/request/Hooks") {}
