import { AccessMemory, AccessState, RegistryState, RuntimeRegistryMemory } from "@muster/store-memory"
import { Effect, Layer } from "effect"

/** An empty registry with its Access, in memory: the liveness store writes to it. */
export const registryInMemory = Layer.unwrap(Effect.sync(() =>
  RuntimeRegistryMemory.layerOn(new RegistryState()).pipe(
    Layer.provideMerge(AccessMemory.layerOn(new AccessState()))
  )
))
