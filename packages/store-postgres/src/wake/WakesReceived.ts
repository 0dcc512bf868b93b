import { Context, type Effect } from "effect"

/** Whether wakes of other replicas are received here. If not, everything still happens, up to a beat later. */
export class WakesReceived extends Context.Service<WakesReceived, {
  /** Why they are not received now, as one sentence for the person who runs the server. */
  readonly trouble: Effect.Effect<string | undefined>
}>()("@muster/store-postgres/wake/WakesReceived") {}
