import { StoreUnavailable } from "@muster/domain"
import { LivenessMemory, RequestStoreMemory, WakeMemory } from "@muster/store-memory"
import {
  AccessPostgres,
  LivenessPostgres,
  Migrations,
  PgliteClient,
  PostgresClient,
  RuntimeRegistryPostgres
} from "@muster/store-postgres"
import { Effect, Layer, type Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { StartupFailure } from "./data/StartupFailure.ts"
import { type EnvironmentName, Readiness } from "./health/Readiness.ts"

/** What decides which layers stand behind the contracts. */
export interface EnvironmentOptions {
  /** Where the embedded database lies. */
  readonly databaseFolder: string
  /** A PostgreSQL server instead of the embedded database. */
  readonly databaseUrl: Redacted.Redacted<string> | undefined
}

const layerReadiness = (environment: EnvironmentName) =>
  Layer.effect(
    Readiness,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const migrations = yield* Migrations
      const outOfDate = new StoreUnavailable({ operation: "Migrations.done", cause: "out of date" })
      return Readiness.of({
        environment,
        checks: {
          db: sql`SELECT 1`.pipe(
            Effect.mapError((cause) => new StoreUnavailable({ operation: "Readiness.db", cause })),
            Effect.asVoid
          ),
          migrations: Effect.flatMap(migrations.done, (done) => done ? Effect.void : Effect.fail(outOfDate))
        }
      })
    })
  )

const failure = (reason: StartupFailure["reason"]) => (error: { readonly message: string }) =>
  Layer.effectContext(Effect.fail(new StartupFailure({ reason, sentence: error.message })))

const databaseDown = (error: StoreUnavailable) =>
  failure("database")({ message: `the database does not answer: ${error.message}` })

const tables = Layer.mergeAll(RuntimeRegistryPostgres.layer, AccessPostgres.layer)

const embedded = ({ databaseFolder }: EnvironmentOptions) =>
  Layer.mergeAll(LivenessMemory.layer, RequestStoreMemory.layer, WakeMemory.layer, layerReadiness("embedded")).pipe(
    Layer.provideMerge(tables),
    Layer.provide(Migrations.layer),
    Layer.provide(PgliteClient.layer({ folder: databaseFolder })),
    Layer.catchTag("DatabaseFolderUnusable", failure("data_folder"))
  )

const postgres = (url: Redacted.Redacted<string>) =>
  Layer.mergeAll(LivenessPostgres.layer, RequestStoreMemory.layer, WakeMemory.layer, layerReadiness("postgres")).pipe(
    Layer.provideMerge(tables),
    Layer.provideMerge(Migrations.layer),
    Layer.provide(PostgresClient.layer({ url }))
  )

/**
 * The only place that decides what stands behind the contracts: an embedded PostgreSQL and this process's memory, or a
 * PostgreSQL server.
 */
export const layerEnvironment = (options: EnvironmentOptions) =>
  (options.databaseUrl === undefined ? embedded(options) : postgres(options.databaseUrl)).pipe(
    Layer.catchTag("StoreUnavailable", databaseDown),
    Layer.catchTag("SchemaTooNew", failure("database"))
  )
