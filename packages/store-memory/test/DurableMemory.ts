import { Access, Machines, Membership, Repositories, RuntimeRegistry, SkillLibrary } from "@muster/domain"
import {
  AccessMemory,
  AccessState,
  JournalState,
  LivenessMemory,
  LivenessState,
  MachinesMemory,
  MachineState,
  MembershipMemory,
  RegistryState,
  RepositoriesMemory,
  RuntimeRegistryMemory,
  SkillLibraryMemory,
  SkillState
} from "@muster/store-memory"
import { newWatch, outageOf, type StoreBackend, storeNode, watched } from "@muster/store-suite"
import { Effect, Layer } from "effect"

/** The durable stores, in memory; a statement is a call to the registry. */
export const durableMemory: StoreBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const states = {
      access: new AccessState(),
      registry: new RegistryState(),
      liveness: new LivenessState(),
      skills: new SkillState(),
      machines: new MachineState(),
      journal: new JournalState()
    }
    const watch = newWatch()
    const access = newWatch()
    const skills = newWatch()
    const machines = newWatch()
    const membership = newWatch()
    const repositories = newWatch()
    const layer = LivenessMemory.layerOn(states.liveness).pipe(
      Layer.provideMerge(watched(RuntimeRegistry.RuntimeRegistry, watch)),
      Layer.provide(RuntimeRegistryMemory.layerOn(states.registry)),
      Layer.provideMerge(watched(SkillLibrary.SkillLibrary, skills)),
      Layer.provide(SkillLibraryMemory.layerOn(states.skills)),
      Layer.provideMerge(watched(Machines.Machines, machines)),
      Layer.provide(MachinesMemory.layerOn(states.machines)),
      Layer.provideMerge(watched(Membership.Membership, membership)),
      Layer.provide(MembershipMemory.layerOn(states)),
      Layer.provideMerge(watched(Repositories.Repositories, repositories)),
      Layer.provide(RepositoriesMemory.layerOn(states.access)),
      Layer.provideMerge(watched(Access.Access, access)),
      Layer.provide(AccessMemory.layerOn(states.access))
    )
    const node = storeNode(layer)
    return {
      a: yield* node,
      b: yield* node,
      statements: Effect.sync(() => watch.calls),
      outage: Effect.all([watch, access, skills, machines, membership, repositories].map(outageOf), { discard: true })
    }
  })
}
