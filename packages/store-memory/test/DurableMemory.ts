import { Access, RuntimeRegistry, SkillLibrary } from "@muster/domain"
import {
  AccessMemory,
  AccessState,
  LivenessMemory,
  LivenessState,
  RegistryState,
  RuntimeRegistryMemory,
  SkillLibraryMemory,
  SkillState
} from "@muster/store-memory"
import { newWatch, outageOf, type StoreBackend, storeNode, watched } from "@muster/store-suite"
import { Effect, Layer } from "effect"

/** The stores of durable things, in memory; a statement is a call to the registry. */
export const durableMemory: StoreBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const states = {
      access: new AccessState(),
      registry: new RegistryState(),
      liveness: new LivenessState(),
      skills: new SkillState()
    }
    const watch = newWatch()
    const access = newWatch()
    const skills = newWatch()
    const layer = LivenessMemory.layerOn(states.liveness).pipe(
      Layer.provideMerge(watched(RuntimeRegistry.RuntimeRegistry, watch)),
      Layer.provide(RuntimeRegistryMemory.layerOn(states.registry)),
      Layer.provideMerge(watched(SkillLibrary.SkillLibrary, skills)),
      Layer.provide(SkillLibraryMemory.layerOn(states.skills)),
      Layer.provideMerge(watched(Access.Access, access)),
      Layer.provide(AccessMemory.layerOn(states.access))
    )
    const node = storeNode(layer)
    return {
      a: yield* node,
      b: yield* node,
      statements: Effect.sync(() => watch.calls),
      outage: Effect.all([outageOf(watch), outageOf(access), outageOf(skills)], { discard: true })
    }
  })
}
