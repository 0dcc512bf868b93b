import * as NodeServices from "@effect/platform-node/NodeServices"
import { Store } from "@muster/domain"
import { LimitStoreMemory, LivenessMemory, RequestStoreMemory, WakeMemory } from "@muster/store-memory"
import {
  AccessPostgres,
  AuditLogPostgres,
  CensusPostgres,
  type CheckedStore,
  copyDatabase,
  databaseFolderName,
  LimitStorePostgres,
  LivenessPostgres,
  MachinesPostgres,
  makeWriteChecks,
  MembershipPostgres,
  Migrations,
  ModelCataloguePostgres,
  PgliteClient,
  PostgresClient,
  postgresVersion,
  RepositoriesPostgres,
  RequestJournalPostgres,
  RequestStorePostgres,
  RuntimeHistoryPostgres,
  RuntimeRegistryPostgres,
  schemaVersion,
  SkillLibraryPostgres,
  TaskLogPostgres,
  TaskQueuePostgres,
  WakePostgres,
  WakesReceived
} from "@muster/store-postgres"
import { Effect, type FileSystem, Layer, Path, type Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { EmbeddedDatabase } from "./backup/EmbeddedDatabase.ts"
import type { EmbeddedVersion } from "./backup/Manifest.ts"
import { DataFolder } from "./data/DataFolder.ts"
import { StartupFailure } from "./data/StartupFailure.ts"
import { type EnvironmentName, Readiness } from "./health/Readiness.ts"
import type { ServerOptions, StoreOptions } from "./ServerOptions.ts"

/** The stores that the database holds in every environment. */
const kept: ReadonlyArray<CheckedStore> = ["access", "machines", "runtimes", "skills", "catalogue", "journal"]

const databaseChecks = (stores: ReadonlyArray<CheckedStore> = kept) =>
  Effect.gen(function*() {
    const migrations = yield* Migrations
    const outOfDate = new Store.StoreUnavailable({
      operation: "Migrations.done",
      backend: "database",
      reason: "the schema of the database is older than this server",
      cause: "out of date"
    })
    return {
      ...yield* makeWriteChecks(stores),
      migrations: Effect.flatMap(migrations.done, (done) => done ? Effect.void : Effect.fail(outOfDate))
    }
  })

const layerReadiness = (environment: EnvironmentName, stores?: ReadonlyArray<CheckedStore>) =>
  Layer.effect(Readiness, Effect.map(databaseChecks(stores), (checks) => Readiness.of({ environment, checks })))

const failure = (reason: StartupFailure["reason"]) => (error: { readonly message: string }) =>
  Layer.effectContext(Effect.fail(new StartupFailure({ reason, sentence: error.message })))

const databaseUnusable = (error: Store.StoreUnavailable) =>
  failure("database")({ message: `the database cannot be used: ${error.message}` })

const tables = Layer.mergeAll(
  TaskQueuePostgres.layer,
  TaskLogPostgres.layer,
  ModelCataloguePostgres.layer,
  RequestJournalPostgres.layer,
  RuntimeHistoryPostgres.layer,
  RuntimeRegistryPostgres.layer,
  AccessPostgres.layer,
  MembershipPostgres.layer,
  RepositoriesPostgres.layer,
  AuditLogPostgres.layer,
  CensusPostgres.layer,
  MachinesPostgres.layer,
  SkillLibraryPostgres.layer
)

/** What this version of Muster brings for the embedded database. */
export const embeddedVersion: EmbeddedVersion = { schema: schemaVersion, postgres: postgresVersion }

/** The embedded database for its backup. */
const layerBackup = (dataFolder: string) =>
  Layer.effect(
    EmbeddedDatabase,
    Effect.map(
      Effect.context<SqlClient.SqlClient | FileSystem.FileSystem | Path.Path>(),
      (services) => ({
        version: embeddedVersion,
        copyTo: (to) => Effect.provideContext(copyDatabase(dataFolder, to), services)
      })
    )
  )

const embeddedIn = (dataFolder: string, folder: string) =>
  Layer.mergeAll(
    layerBackup(dataFolder),
    LivenessMemory.layer,
    RequestStoreMemory.layer,
    WakeMemory.layer,
    LimitStoreMemory.layer,
    layerReadiness("embedded")
  ).pipe(
    Layer.provideMerge(tables),
    Layer.provide(Migrations.layer),
    Layer.provide(PgliteClient.layer({ folder })),
    Layer.catchTag("DatabaseFolderUnusable", failure("data_folder"))
  )

/** The embedded database supports one process: a second one on the same folder is refused. */
const embedded = (dataDir: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const folder = yield* DataFolder
    return embeddedIn(folder, path.join(folder, databaseFolderName))
  })).pipe(Layer.provide(DataFolder.layerAlone(dataDir)), Layer.provide(NodeServices.layer))

const postgresReadiness = Layer.effect(
  Readiness,
  Effect.gen(function*() {
    const { trouble } = yield* WakesReceived
    return Readiness.of({
      environment: "postgres",
      checks: yield* databaseChecks([...kept, "requests"]),
      limits: { wakes: trouble }
    })
  })
)

const postgres = (url: Redacted.Redacted, directUrl: Redacted.Redacted | undefined) =>
  Layer.mergeAll(LivenessPostgres.layer, RequestStorePostgres.layer, LimitStorePostgres.layer, postgresReadiness).pipe(
    Layer.provideMerge(WakePostgres.layerWith({ directUrl })),
    Layer.provideMerge(tables),
    Layer.provide(Migrations.layer),
    Layer.provide(PostgresClient.layer({ url }))
  )

/** Loads the Redis client only in this environment. */
const cluster = (url: Redacted.Redacted, redisUrl: Redacted.Redacted) =>
  Layer.unwrap(Effect.map(
    Effect.promise(() => import("@muster/store-redis")),
    ({ LimitStoreRedis, LivenessRedis, RedisConnection, RequestStoreRedis, WakeRedis }) => {
      const readiness = Layer.effect(
        Readiness,
        Effect.gen(function*() {
          const redis = yield* RedisConnection
          return Readiness.of({
            environment: "cluster",
            checks: { ...(yield* databaseChecks()), redis: redis.takesWrites },
            risks: Effect.map(redis.risk, (risk): Record<string, string> => risk === undefined ? {} : { redis: risk })
          })
        })
      )
      return Layer.mergeAll(
        LivenessRedis.layer,
        RequestStoreRedis.layer,
        WakeRedis.layer,
        LimitStoreRedis.layer,
        readiness
      ).pipe(
        Layer.provideMerge(tables),
        Layer.provide(Migrations.layer),
        Layer.provide(PostgresClient.layer({ url })),
        Layer.provide(RedisConnection.layer({ url: redisUrl })),
        Layer.catchTag(
          ["RedisUrlInvalid", "RedisTooOld"],
          ({ message }) => failure("configuration")({ message: `REDIS_URL: ${message}` })
        )
      )
    }
  ))

const redisAlone = failure("configuration")({
  message: "REDIS_URL needs DATABASE_URL: Redis holds only short-lived data"
})

const directAlone = failure("configuration")({
  message: "DATABASE_DIRECT_URL needs DATABASE_URL: it is an address of the same database without a pooler"
})

/**
 * Provides the stores that the configuration selects: an embedded PostgreSQL and this process's memory; a PostgreSQL
 * server; or a PostgreSQL server and Redis. The only place that decides this.
 */
export const layerEnvironment = (
  { dataDir, databaseDirectUrl, databaseUrl, redisUrl }: StoreOptions & Pick<ServerOptions, "dataDir">
) => {
  const chosen = databaseUrl === undefined
    ? redisUrl !== undefined ? redisAlone : databaseDirectUrl === undefined ? embedded(dataDir) : directAlone
    : redisUrl === undefined
    ? postgres(databaseUrl, databaseDirectUrl)
    : cluster(databaseUrl, redisUrl)
  return chosen.pipe(
    Layer.catchTag("StoreUnavailable", databaseUnusable),
    Layer.catchTag("SchemaTooNew", failure("schema"))
  )
}
