import { Wake } from "@muster/domain"
import { Context, Effect, Layer, type Scope } from "effect"

/** A Wake as one replica has it. */
export type WakeNode = Wake.Wake["Service"]

/** Two nodes of one backend. */
export interface WakeNodes {
  readonly a: WakeNode
  readonly b: WakeNode
  /** How many topics both nodes together subscribe to at the backend: the cost of wakes without subscribers. */
  readonly topics: Effect.Effect<number>
  /** From now on the backend is dead to both nodes; only if there is one that can fail. */
  readonly outage?: Effect.Effect<void>
}

/** What a backend's test file supplies. */
export interface WakeBackend {
  readonly name: string
  /** Two nodes on a backend without subscribers, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<WakeNodes, unknown, Scope.Scope>
}

/** One node: the layer, built separately in the current scope. */
export const wakeNode = <E, R>(layer: Layer.Layer<Wake.Wake, E, R>): Effect.Effect<WakeNode, E, R | Scope.Scope> =>
  Effect.map(Layer.build(Layer.fresh(layer)), (context) => Context.get(context, Wake.Wake))
