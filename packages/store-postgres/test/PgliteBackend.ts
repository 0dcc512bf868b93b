import { PGlite } from "@electric-sql/pglite"
import { Migrations, PgliteClient } from "@muster/store-postgres"
import { shared, type StoreBackend, storeNode } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { templateFolder } from "../src/TemplateFiles.ts"
import { counting, empty, stores } from "./Stores.ts"

/** The installation's empty database, as an archive; undefined: none. */
const archive = () =>
  promisify(execFile)("tar", ["-c", "-C", templateFolder, "."], { encoding: "buffer", maxBuffer: 2 ** 28 })
    .then(({ stdout }) => ({ loadDataDir: new Blob([stdout]) }), () => ({}))

/** A PGlite in memory, closed with the scope. PostgreSQL's own `initdb` would take seconds. */
export const pgliteInMemory = Effect.acquireRelease(
  Effect.promise(() => archive().then((options) => PGlite.create(options))),
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
