import type { Json, RequestId, Transport } from "@muster/domain"
import { Context, Data, type Deferred, type Effect } from "effect"
import type { OwnRuntime } from "../runtime/RuntimeState.ts"

/** A request could not be answered. `message` becomes the report's error: one sentence for the person who asked. */
export class RequestFailed extends Data.TaggedError("RequestFailed")<{ readonly message: string }> {}

/** How a request came to this daemon. */
export interface Delivery {
  readonly id: RequestId
  readonly via: Transport
  /** Epoch ms. */
  readonly at: number
  /** Done when its report is on the disk or needs its poster no longer: for what is to be done after it was answered. */
  readonly reported: Deferred.Deferred<void>
}

/** Does what a request of one kind asks of a runtime; answers the result as the kind's schema encodes it. */
export type Handler = (runtime: OwnRuntime, payload: Json, delivery: Delivery) => Effect.Effect<Json, RequestFailed>

/** The daemon's half of each kind of request, by the kind's name. */
export class Handlers extends Context.Service<Handlers, ReadonlyMap<string, Handler>>()(
  "@muster/daemon/request/Handlers"
) {}
