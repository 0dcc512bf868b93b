import {
  AccessPostgres,
  AuditLogPostgres,
  CensusPostgres,
  LimitStorePostgres,
  ModelCataloguePostgres,
  RequestJournalPostgres,
  RuntimeHistoryPostgres,
  RuntimeRegistryPostgres,
  TaskQueuePostgres
} from "@muster/store-postgres"
import { Layer } from "effect"

/** Kept lists, the journal, the tasks, the census, the histories, the audit log, the limits, and the stores that they require, on one client. */
export const notes = Layer.mergeAll(
  AccessPostgres.layer,
  AuditLogPostgres.layer,
  CensusPostgres.layer,
  LimitStorePostgres.layer,
  ModelCataloguePostgres.layer,
  RequestJournalPostgres.layer,
  RuntimeHistoryPostgres.layer,
  RuntimeRegistryPostgres.layer,
  TaskQueuePostgres.layer
)
