import { AccessMemory, LivenessMemory, RequestStoreMemory, RuntimeRegistryMemory, WakeMemory } from "@muster/store-memory"
import { Effect, Layer } from "effect"
import { Readiness } from "./health/Readiness.ts"

const layerReadiness = Layer.succeed(Readiness, { environment: "embedded", checks: { db: Effect.void } })

export const layerEnvironment = Layer.mergeAll(RequestStoreMemory.layer, WakeMemory.layer, LivenessMemory.layer, layerReadiness).pipe(
  Layer.provideMerge(Layer.mergeAll(RuntimeRegistryMemory.layer)),
  Layer.provideMerge(AccessMemory.layer)
)
