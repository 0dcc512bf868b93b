import { type Request, RequestStore } from "@muster/domain"
import { Context, Effect, Layer, type Scope } from "effect"

/** A RequestStore as one replica has it. */
export type RequestNode = RequestStore.RequestStore["Service"]

/** Two nodes of one backend, and the test's direct access to the backend. */
export interface RequestStoreNodes {
  readonly a: RequestNode
  readonly b: RequestNode
  /**
   * How many records, keys or rows the backend holds that only these nodes will ever remove. A key with a time to live
   * does not count: the backend's own clock removes it.
   */
  readonly held: Effect.Effect<number>
  /** From now on the backend is dead to both nodes: connections refused or cut, the process gone. */
  readonly outage: Effect.Effect<void>
  /**
   * Only if a record can vanish while its place in a queue remains (Redis: a time to live, an eviction): removes the
   * record and nothing else.
   */
  readonly lose?: (id: Request.RequestId) => Effect.Effect<void>
}

/**
 * What a backend's test file supplies. The suite runs under `TestClock`, so the layers must take every time from `Clock`
 * and none from the backend; what the suite waits for is always an event.
 */
export interface RequestStoreBackend {
  readonly name: string
  /** Two nodes on an empty backend, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<RequestStoreNodes, unknown, Scope.Scope>
}

/** One node: the layer, built separately in the current scope. */
export const requestNode = <E, R>(
  layer: Layer.Layer<RequestStore.RequestStore, E, R>
): Effect.Effect<RequestNode, E, R | Scope.Scope> =>
  Effect.map(Layer.build(Layer.fresh(layer)), (context) => Context.get(context, RequestStore.RequestStore))
