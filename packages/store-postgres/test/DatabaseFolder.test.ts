import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, layer } from "@effect/vitest"
import { assertInclude, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Migrations, PgliteClient } from "@muster/store-postgres"
import { shared } from "@muster/store-suite"
import { Cause, Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { openDatabaseFolder } from "../src/pglite/DatabaseFolder.ts"

const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeServices.layer)
)

/** Opens the database in this folder, runs this, and closes it. */
const inside = <A, E>(folder: string, work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(work, PgliteClient.layer({ folder }))

const query = (text: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text))

/** A folder with a database that holds one row, closed. */
const sound = shared(Effect.gen(function*() {
  const folder = `${yield* temporaryFolder}/database`
  yield* inside(folder, Effect.andThen(query("CREATE TABLE kept (n int)"), query("INSERT INTO kept VALUES (42)")))
  return folder
}))

/** A copy of it, which a test may damage. */
const copy = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = `${yield* temporaryFolder}/database`
  yield* fs.copy(yield* sound, folder)
  return folder
})

/** Everything in this folder except a cache that PostgreSQL rebuilds each time. */
const filesIn = (folder: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) =>
      Effect.map(
        fs.readDirectory(folder, { recursive: true }),
        (names) => names.filter((name) => !name.endsWith("pg_internal.init"))
      )
  )

/** The error of an unusable folder: one sentence that names it, and the folder does not change. */
const refusal = Effect.fnUntraced(
  function*(folder: string, spoil: Effect.Effect<void, unknown, FileSystem.FileSystem>) {
    yield* spoil
    const before = yield* filesIn(folder)
    const error = yield* Effect.flip(inside(folder, query("SELECT 1")))
    strictEqual(error._tag, "DatabaseFolderUnusable")
    assertInclude(error.message, folder)
    assert.notInclude(error.message, "\n")
    assert.includeMembers(yield* filesIn(folder), before)
    return error.message
  }
)

layer(NodeServices.layer)("the embedded database's folder", (it) => {
  it.effect("keeps what was written after a close", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* inside(yield* copy, query("SELECT n FROM kept")), [{ n: 42 }])
    }))

  it.effect("keeps what was committed when the process is killed", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const [folder, crashed] = [yield* copy, `${yield* temporaryFolder}/database`]
      yield* inside(
        folder,
        Effect.gen(function*() {
          yield* query("INSERT INTO kept VALUES (43)")
          yield* fs.copy(folder, crashed)
        })
      )
      deepStrictEqual(yield* inside(crashed, query("SELECT n FROM kept ORDER BY n")), [{ n: 42 }, { n: 43 }])
    }))

  it.effect("is made again if making it was interrupted", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = path.join(yield* temporaryFolder, "a", "database")
      yield* fs.makeDirectory(`${folder}.unfinished`, { recursive: true })
      yield* fs.writeFileString(`${folder}.unfinished/PG_VERSION`, "18\n")
      yield* fs.makeDirectory(folder)
      deepStrictEqual(yield* inside(folder, query("SELECT 1 AS n")), [{ n: 1 }])
      deepStrictEqual(yield* fs.readDirectory(path.dirname(folder)), ["database"])
    }))

  it.effect("is moved to its place when complete, so that a killed start leaves no partial one there", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = `${yield* temporaryFolder}/database`
      const killed = Effect.die("killed")
      const watched: FileSystem.FileSystem = {
        ...fs,
        rename: (from) => Effect.andThen(Effect.orDie(inside(from, query("SELECT 1"))), killed)
      }
      const opening = Effect.provideService(openDatabaseFolder(folder), FileSystem.FileSystem, watched)
      strictEqual(Cause.squash(yield* Effect.flip(Effect.sandbox(opening))), "killed")
      strictEqual(yield* fs.exists(folder), false)
    }))

  it.effect("is refused if it contains other files", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      const message = yield* refusal(folder, fs.writeFileString(`${folder}/notes.txt`, "mine"))
      assertInclude(message, "contains files that are not a database")
    }))

  it.effect("is refused if another PostgreSQL made it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* copy
      const message = yield* refusal(folder, fs.writeFileString(`${folder}/PG_VERSION`, "15\n"))
      assertInclude(message, "PostgreSQL \"15\"")
    }))

  it.effect("is refused if it is damaged", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* copy
      const message = yield* refusal(folder, fs.writeFileString(`${folder}/global/pg_control`, "garbage"))
      assertInclude(message, "cannot be opened")
    }))

  it.effect("is refused if half of it is missing", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* copy
      const message = yield* refusal(folder, fs.remove(`${folder}/base`, { recursive: true }))
      assertInclude(message, "cannot be opened")
    }))

  it.effect("is refused if it is a file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = `${yield* temporaryFolder}/file`
      yield* fs.writeFileString(folder, "mine")
      const error = yield* Effect.flip(inside(folder, query("SELECT 1")))
      strictEqual(error._tag, "DatabaseFolderUnusable")
      strictEqual(yield* fs.readFileString(folder), "mine")
    }))

  it.effect("is refused, and does not change, if a newer version wrote it", () =>
    Effect.gen(function*() {
      const folder = yield* copy
      const migrated = <A, E>(work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
        inside(folder, Effect.provide(work, Layer.provideMerge(Migrations.layer, Layer.empty)))
      yield* migrated(query("INSERT INTO muster_migrations VALUES (999, 'to come', 0)"))
      const error = yield* Effect.flip(migrated(query("SELECT 1")))
      strictEqual(error._tag, "SchemaTooNew")
      assertInclude(error.message, "the database was upgraded by a newer Muster: its schema is 999")
      deepStrictEqual(yield* inside(folder, query("SELECT n FROM kept")), [{ n: 42 }])
    }))
})

describe("a database in memory", () => {
  layer(PgliteClient.layerMemory)((it) => {
    it.effect("answers", () => Effect.map(query("SELECT 1 AS n"), (rows) => deepStrictEqual(rows, [{ n: 1 }])))
  })
})
