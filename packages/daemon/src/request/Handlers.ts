import type { Request, Runtime } from "@muster/domain"
import { Context, Data, type Deferred, type Effect } from "effect"
import type { OwnRuntime } from "../runtime/RuntimeState.ts"

/** A request could not be answered. `message` becomes the report's error: one sentence for the person who asked. */
export class RequestFailed extends Data.TaggedError("RequestFailed")<{ readonly message: string }> {}

/** How a request was delivered to this daemon. */
export interface Delivery {
  readonly id: Request.RequestId
  readonly via: Runtime.Transport
  /** Epoch ms. */
  readonly at: number
  /** Done when `Outbox.post` has returned: for work after the report. */
  readonly reported: Deferred.Deferred<void>
}

/** Handles a request of one kind for a runtime; returns the result as the schema of the kind encodes it. */
export type Handler = (
  runtime: OwnRuntime,
  payload: Request.Json,
  delivery: Delivery
) => Effect.Effect<Request.Json, RequestFailed>

/** The daemon's half of each kind of request, by the kind's name. */
export class Handlers extends Context.Service<Handlers, ReadonlyMap<string, Handler>>()(
  "@muster/daemon/request/Handlers"
) {}
