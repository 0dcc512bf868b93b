import { RequestStore, StoreUnavailable } from "@muster/domain"
import { Effect, Layer } from "effect"

/** A switch that makes a backend in memory look dead to all its nodes. */
export interface Outage {
  down: boolean
}

/** The store as its callers find it: once the switch is on, every call fails as on a dead backend. */
export const breakable = (outage: Outage) => {
  const guard =
    <Args extends Array<unknown>, A, E>(operation: string, call: (...args: Args) => Effect.Effect<A, E>) =>
    (...args: Args) =>
      Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> =>
        outage.down
          ? Effect.fail(new StoreUnavailable({ operation, cause: new Error("switched off") }))
          : call(...args)
      )
  return Layer.effect(
    RequestStore,
    Effect.map(RequestStore, (store) => ({
      create: guard("RequestStore.create", store.create),
      get: guard("RequestStore.get", store.get),
      waiting: guard("RequestStore.waiting", store.waiting),
      claim: guard("RequestStore.claim", store.claim),
      settle: guard("RequestStore.settle", store.settle)
    }))
  )
}
