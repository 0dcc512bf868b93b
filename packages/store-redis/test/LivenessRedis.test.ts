import { Access, RuntimeRegistry } from "@muster/domain"
import {
  AccessMemory,
  AccessState,
  JournalState,
  MachinesMemory,
  MachineState,
  MembershipMemory,
  RegistryState,
  RepositoriesMemory,
  RuntimeRegistryMemory,
  SkillLibraryMemory,
  SkillState
} from "@muster/store-memory"
import { LivenessRedis } from "@muster/store-redis"
import { livenessSuite, newWatch, outageOf, storeNode, watched } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { mode, redisBackend } from "./Backend.ts"

for (const name of mode) {
  const { fresh } = redisBackend(name)
  // The durable stores are in memory; an outage affects the table, whose statements are calls.
  livenessSuite({
    name,
    nodes: Effect.gen(function*() {
      const { connection } = yield* fresh
      const states = {
        access: new AccessState(),
        registry: new RegistryState(),
        machines: new MachineState(),
        skills: new SkillState(),
        journal: new JournalState()
      }
      const [watch, access] = [newWatch(), newWatch()]
      const node = storeNode(LivenessRedis.layer.pipe(
        Layer.provideMerge(watched(RuntimeRegistry.RuntimeRegistry, watch)),
        Layer.provide(RuntimeRegistryMemory.layerOn(states.registry)),
        Layer.provideMerge(SkillLibraryMemory.layerOn(states.skills)),
        Layer.provideMerge(MachinesMemory.layerOn(states.machines)),
        Layer.provideMerge(Layer.merge(MembershipMemory.layerOn(states), RepositoriesMemory.layerOn(states.access))),
        Layer.provideMerge(watched(Access.Access, access)),
        Layer.provide(AccessMemory.layerOn(states.access)),
        Layer.provide(connection)
      ))
      return {
        a: yield* node,
        b: yield* node,
        statements: Effect.sync(() => watch.calls),
        outage: Effect.andThen(outageOf(watch), outageOf(access))
      }
    })
  })
}
