import { Access, AuditLog, Catalogue, Limit, RequestJournal, RuntimeHistory, RuntimeRegistry } from "@muster/domain"
import {
  AccessMemory,
  AccessState,
  AuditLogMemory,
  AuditState,
  CatalogueState,
  CensusMemory,
  HistoryState,
  JournalState,
  LimitState,
  LimitStoreMemory,
  ModelCatalogueMemory,
  RegistryState,
  RequestJournalMemory,
  RuntimeHistoryMemory,
  RuntimeRegistryMemory,
  TaskQueueMemory,
  TaskState
} from "@muster/store-memory"
import {
  auditLogSuite,
  censusSuite,
  limitStoreSuite,
  modelCatalogueSuite,
  newWatch,
  type NotesBackend,
  notesNode,
  outageOf,
  requestJournalSuite,
  runtimeHistorySuite,
  watched
} from "@muster/store-suite"
import { Effect, Layer } from "effect"

const memory: NotesBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const watch = newWatch()
    const [access, registry] = [new AccessState(), new RegistryState()]
    const [catalogue, journal] = [new CatalogueState(), new JournalState()]
    const [audit, limits] = [new AuditState(), new LimitState()]
    const [history, tasks] = [new HistoryState(), new TaskState()]
    const layer = Layer.mergeAll(
      Layer.provide(watched(AuditLog.AuditLog, watch), AuditLogMemory.layerOn(audit)),
      Layer.provide(watched(Limit.LimitStore, watch), LimitStoreMemory.layerOn(limits)),
      Layer.provide(watched(Catalogue.ModelCatalogue, watch), ModelCatalogueMemory.layerOn(catalogue)),
      Layer.provide(watched(RuntimeHistory.RuntimeHistory, watch), RuntimeHistoryMemory.layerOn(history)),
      Layer.provide(watched(RequestJournal.RequestJournal, watch), RequestJournalMemory.layerOn(journal)),
      TaskQueueMemory.layerOn(tasks),
      CensusMemory.layerOn({ registry, journal, tasks })
    ).pipe(
      Layer.provideMerge(
        Layer.provide(watched(RuntimeRegistry.RuntimeRegistry, watch), RuntimeRegistryMemory.layerOn(registry))
      ),
      Layer.provideMerge(Layer.provide(watched(Access.Access, watch), AccessMemory.layerOn(access)))
    )
    return { a: yield* notesNode(layer), b: yield* notesNode(layer), outage: outageOf(watch) }
  })
}

auditLogSuite(memory)
censusSuite(memory)
limitStoreSuite(memory)
modelCatalogueSuite(memory)
requestJournalSuite(memory)
runtimeHistorySuite(memory)
