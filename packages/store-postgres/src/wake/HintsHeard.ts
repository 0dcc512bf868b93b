import { Context, type Effect } from "effect"

/** Whether the hints of other replicas are heard here. Where they are not, all still happens, up to a beat later. */
export class HintsHeard extends Context.Service<HintsHeard, {
  /** Why they are not heard just now, as one sentence for the person who runs the server. */
  readonly trouble: Effect.Effect<string | undefined>
}>()("@muster/store-postgres/wake/HintsHeard") {}
