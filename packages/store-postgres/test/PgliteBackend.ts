import * as NodeServices from "@effect/platform-node/NodeServices"
import { PGlite } from "@electric-sql/pglite"
import { Migrations, PgliteClient } from "@muster/store-postgres"
import { shared, type StoreBackend, storeNode } from "@muster/store-suite"
import { Effect, FileSystem, Layer } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { unpackFolder } from "../src/pglite/Archive.ts"
import { installedArchive } from "../src/TemplateFiles.ts"
import { counting, empty, stores } from "./Stores.ts"

/** The installation's empty database, as PGlite reads one; nothing where there is none. */
const template = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(installedArchive))) return {}
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "muster-database-" })
  yield* unpackFolder(installedArchive, folder)
  const tar = promisify(execFile)("tar", ["-c", "-C", folder, "."], { encoding: "buffer", maxBuffer: 2 ** 28 })
  return { loadDataDir: new Blob([(yield* Effect.promise(() => tar)).stdout]) }
}).pipe(Effect.scoped, Effect.orDie, Effect.provide(NodeServices.layer))

/** A PGlite in memory, closed with the scope. PostgreSQL's own `initdb` would take seconds. */
export const pgliteInMemory = Effect.acquireRelease(
  Effect.flatMap(template, (options) => Effect.promise(() => PGlite.create(options))),
  (database) => Effect.promise(() => database.close())
)

/** One PGlite per test file, migrated once and emptied for each test; both nodes use the one process that it allows. */
export const pgliteBackend = (): StoreBackend => {
  const database = shared(pgliteInMemory)
  const client = Effect.map(database, PgliteClient.layerOn)
  const migrated = shared(Effect.flatMap(client, (client) => Layer.build(Layer.provide(Migrations.layer, client))))
  return {
    name: "PGlite",
    nodes: Effect.gen(function*() {
      yield* migrated
      const session = yield* database
      yield* Effect.provide(empty, yield* client)
      let [statements, down] = [0, false]
      const breakable = PgliteClient.layerOn({
        execProtocolRaw: (message) =>
          down ? Promise.reject(new Error("switched off")) : session.execProtocolRaw(message)
      })
      const node = storeNode(Layer.provide(stores, counting(() => statements++)(breakable)))
      return {
        a: yield* node,
        b: yield* node,
        statements: Effect.sync(() => statements),
        outage: Effect.sync(() => {
          down = true
        })
      }
    })
  }
}
