import { Layer } from "effect"
import { AccessMemory } from "./access/AccessMemory.ts"
import { AccessState } from "./access/AccessState.ts"
import { AuditLogMemory } from "./audit/AuditLogMemory.ts"
import { ModelCatalogueMemory } from "./catalogue/ModelCatalogueMemory.ts"
import { CensusMemory } from "./fleet/CensusMemory.ts"
import { JournalState } from "./journal/JournalState.ts"
import { RequestJournalMemory } from "./journal/RequestJournalMemory.ts"
import { LimitStoreMemory } from "./limit/LimitStoreMemory.ts"
import { MachinesMemory } from "./machine/MachinesMemory.ts"
import { MachineState } from "./machine/MachineState.ts"
import { MembershipMemory } from "./membership/MembershipMemory.ts"
import { RepositoriesMemory } from "./repository/RepositoriesMemory.ts"
import { RequestStoreMemory } from "./request/RequestStoreMemory.ts"
import { LivenessMemory } from "./runtime/LivenessMemory.ts"
import { RegistryState } from "./runtime/RegistryState.ts"
import { RuntimeHistoryMemory } from "./runtime/RuntimeHistoryMemory.ts"
import { RuntimeRegistryMemory } from "./runtime/RuntimeRegistryMemory.ts"
import { SkillLibraryMemory } from "./skill/SkillLibraryMemory.ts"
import { SkillState } from "./skill/SkillState.ts"
import { TaskLogMemory } from "./task/TaskLogMemory.ts"
import { TaskQueueMemory } from "./task/TaskQueueMemory.ts"
import { TaskState } from "./task/TaskState.ts"
import { WakeMemory } from "./wake/WakeMemory.ts"

/** Every contract in this process's memory, over these tables of access. */
export const layerMemoryOn = (access: AccessState) => {
  const tables = {
    access,
    registry: new RegistryState(),
    machines: new MachineState(),
    skills: new SkillState(),
    journal: new JournalState(),
    tasks: new TaskState()
  }
  return Layer.mergeAll(
    LivenessMemory.layer,
    RequestStoreMemory.layer,
    WakeMemory.layer,
    SkillLibraryMemory.layerOn(tables.skills),
    AuditLogMemory.layer,
    CensusMemory.layerOn(tables),
    LimitStoreMemory.layer,
    ModelCatalogueMemory.layer,
    RuntimeHistoryMemory.layer,
    RequestJournalMemory.layerOn(tables.journal),
    TaskQueueMemory.layerOn(tables.tasks),
    TaskLogMemory.layerOn(tables.tasks)
  ).pipe(
    Layer.provideMerge(
      Layer.mergeAll(RuntimeRegistryMemory.layerOn(tables.registry), MachinesMemory.layerOn(tables.machines))
    ),
    Layer.provideMerge(Layer.mergeAll(
      AccessMemory.layerOn(access),
      MembershipMemory.layerOn(tables),
      RepositoriesMemory.layerOn(access)
    ))
  )
}

/** Every contract in this process's memory, for tests and for servers without durable data. */
export const layerMemory = Layer.suspend(() => layerMemoryOn(new AccessState()))
