import {
  AccessPostgres,
  ModelCataloguePostgres,
  RequestJournalPostgres,
  RuntimeRegistryPostgres
} from "@muster/store-postgres"
import { Layer } from "effect"

/** Kept lists and the journal, and what they stand on, on one client. */
export const notes = Layer.mergeAll(
  AccessPostgres.layer,
  ModelCataloguePostgres.layer,
  RequestJournalPostgres.layer,
  RuntimeRegistryPostgres.layer
)
