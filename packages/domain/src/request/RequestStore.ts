import { Context, type Effect, type Option, Schema } from "effect"
import type { UserId } from "../access/Identity.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Json, Outcome, Request } from "./Request.ts"
import { RequestId } from "./RequestId.ts"
import type { RequestKind } from "./RequestKind.ts"

/** An exclusive kind has an unfinished request already. `text` is the kind's own sentence. */
export class RequestConflict extends Schema.TaggedError<RequestConflict>()("RequestConflict", {
  id: RequestId,
  text: Schema.String
}) {}

/** The maximum number of requests of this kind already wait for this runtime. */
export class RequestsFull extends Schema.TaggedError<RequestsFull>()("RequestsFull", {
  kind: Schema.String,
  max: Schema.Finite
}) {
  override get message() {
    return `too many ${this.kind} requests wait for this runtime (at most ${this.max})`
  }
}

export interface NewRequest {
  readonly kind: RequestKind
  readonly runtimeId: RuntimeId
  /** The payload as the kind's schema encodes it. */
  readonly payload: Json
  readonly by: UserId | null
}

/** What a claim wants: up to `max` (≥ 1) requests of a kind. */
export interface Wanted {
  readonly kind: string
  readonly max: number
}

export type Settled =
  /** This report won. */
  | { readonly _tag: "Settled"; readonly request: Request }
  /** It was terminal before; nothing changed. */
  | { readonly _tag: "AlreadySettled"; readonly request: Request }
  /** No such request of this runtime, or it is no longer kept. */
  | { readonly _tag: "Absent" }

/**
 * Requests of every kind. Each operation is one atomic step on the backend; time comes from `Clock`. Absence is never an
 * error, and a store that cannot answer is `StoreUnavailable`, never absence or an empty list.
 */
export class RequestStore extends Context.Service<RequestStore, {
  /** A new request or, for kinds that coalesce, the unfinished one: `created` distinguishes them. */
  readonly create: (
    input: NewRequest
  ) => Effect.Effect<
    { readonly request: Request; readonly created: boolean },
    RequestConflict | RequestsFull | StoreUnavailable
  >
  /** The record with its time limits applied. None: unknown, another runtime's, or past its retention. */
  readonly get: (runtime: RuntimeId, id: RequestId) => Effect.Effect<Option.Option<Request>, StoreUnavailable>
  /** The probe: the kinds that may have something to claim. It may return a kind too many, never one too few. */
  readonly waiting: (runtime: RuntimeId) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
  /**
   * Takes what is claimable, oldest first per kind, in the order of `wanted`, and marks it running, in one step,
   * however many dead entries come before it. A delivery that was not answered within its redelivery delay is claimable
   * again.
   */
  readonly claim: (
    runtime: RuntimeId,
    wanted: ReadonlyArray<Wanted>
  ) => Effect.Effect<ReadonlyArray<Request>, StoreUnavailable>
  /** Compare-and-set: of any number of reports and the time limits exactly one wins, and a terminal state is final. */
  readonly settle: (
    runtime: RuntimeId,
    id: RequestId,
    outcome: Outcome
  ) => Effect.Effect<Settled, StoreUnavailable>
}>()("@muster/domain/request/RequestStore") {}
