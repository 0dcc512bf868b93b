import type { Access } from "@muster/domain"
import { Layer } from "effect"
import { AccessMemory } from "./access/AccessMemory.ts"
import { ModelCatalogueMemory } from "./catalogue/ModelCatalogueMemory.ts"
import { RequestJournalMemory } from "./journal/RequestJournalMemory.ts"
import { MachinesMemory } from "./machine/MachinesMemory.ts"
import { RequestStoreMemory } from "./request/RequestStoreMemory.ts"
import { LivenessMemory } from "./runtime/LivenessMemory.ts"
import { RuntimeRegistryMemory } from "./runtime/RuntimeRegistryMemory.ts"
import { SkillLibraryMemory } from "./skill/SkillLibraryMemory.ts"
import { WakeMemory } from "./wake/WakeMemory.ts"

/** Every contract in this process's memory, over this layer of access. */
export const layerMemoryOver = (access: Layer.Layer<Access.Access>) =>
  Layer.mergeAll(
    LivenessMemory.layer,
    RequestStoreMemory.layer,
    WakeMemory.layer,
    SkillLibraryMemory.layer,
    ModelCatalogueMemory.layer,
    RequestJournalMemory.layer
  ).pipe(
    Layer.provideMerge(Layer.mergeAll(RuntimeRegistryMemory.layer, MachinesMemory.layer)),
    Layer.provideMerge(access)
  )

/** Every contract in this process's memory: for tests, and for servers that need not keep anything. */
export const layerMemory = layerMemoryOver(AccessMemory.layer)
