import {
  AccessPostgres,
  AuditLogPostgres,
  ModelCataloguePostgres,
  RequestJournalPostgres,
  RuntimeRegistryPostgres
} from "@muster/store-postgres"
import { Layer } from "effect"

/** Kept lists, the journal, the audit log, and the stores that they require, on one client. */
export const notes = Layer.mergeAll(
  AccessPostgres.layer,
  AuditLogPostgres.layer,
  ModelCataloguePostgres.layer,
  RequestJournalPostgres.layer,
  RuntimeRegistryPostgres.layer
)
