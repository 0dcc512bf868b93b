import { AccessMemory, AccessState, RegistryState, RuntimeRegistryMemory } from "@muster/store-memory"
import { Effect, Layer } from "effect"

/** An empty registry with the access that it needs, in memory: what the liveness store writes to. */
export const registryInMemory = Layer.unwrap(Effect.sync(() =>
  RuntimeRegistryMemory.layerOn(new RegistryState()).pipe(
    Layer.provideMerge(AccessMemory.layerOn(new AccessState()))
  )
))
