import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, it } from "@effect/vitest"
import { assertMatch, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Migrations, PgliteClient, PostgresClient } from "@muster/store-postgres"
import { freshDatabase } from "@muster/store-suite"
import { Effect, FileSystem, Layer, Logger, type Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { layerServer } from "../src/index.ts"

/** Changes the database as a future version of Muster would. */
const upgrade = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`INSERT INTO muster_migrations VALUES (999, 'to come', 0)`
)
const steps = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT * FROM muster_migrations ORDER BY id`)

const refused = (dataDir: string, databaseUrl: Redacted.Redacted | undefined) =>
  Effect.flip(Layer.build(layerServer({ host: "127.0.0.1", port: 0, dataDir, databaseUrl })))

const surroundings = Layer.mergeAll(NodeServices.layer, Logger.layer([]))
const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

describe("a server whose database was upgraded by a newer one", () => {
  const check = Effect.fnUntraced(
    function*(client: Layer.Layer<SqlClient.SqlClient, unknown>, dataDir: string, url: Redacted.Redacted | undefined) {
      yield* Effect.provide(upgrade, Layer.provideMerge(Migrations.layer, client))
      const before = yield* Effect.provide(steps, client)
      const failure = yield* refused(dataDir, url)
      strictEqual(failure.reason, "schema")
      assertMatch(
        failure.message,
        /^the database was upgraded by a newer Muster: its schema is 999, and this one knows up to \d+$/
      )
      deepStrictEqual(yield* Effect.provide(steps, client), before)
    }
  )

  it.live(
    "F-39 does not start on PostgreSQL, reports it in one sentence and changes nothing",
    () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase
        yield* check(PostgresClient.layer({ url, maxConnections: 1 }), yield* temporaryFolder, url)
      }).pipe(Effect.provide(surroundings)),
    60_000
  )

  it.live(
    "F-39 does not start on its data folder, reports it in one sentence and changes nothing",
    () =>
      Effect.gen(function*() {
        const dataDir = yield* temporaryFolder
        yield* check(PgliteClient.layer({ folder: `${dataDir}/database` }), dataDir, undefined)
      }).pipe(Effect.provide(surroundings)),
    60_000
  )
})
