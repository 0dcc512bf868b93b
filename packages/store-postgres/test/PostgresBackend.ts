import { Migrations, PostgresClient } from "@muster/store-postgres"
import { freshDatabase, lineToUrl, shared, type StoreBackend, storeNode } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { counting, empty, stores } from "./Stores.ts"

/** One database per test file, migrated once and emptied for each test; each node has connections of its own. */
export const postgresBackend = (): StoreBackend => {
  const database = shared(freshDatabase)
  const migrated = shared(Effect.gen(function*() {
    const client = Layer.orDie(PostgresClient.layer({ url: yield* database }))
    yield* Layer.build(Layer.provide(Migrations.layer, client))
  }))
  const owner = shared(
    Effect.flatMap(database, (url) => Layer.build(PostgresClient.layer({ url, maxConnections: 1 })))
  )
  return {
    name: "PostgreSQL",
    nodes: Effect.gen(function*() {
      yield* migrated
      yield* Effect.provide(empty, yield* owner)
      const line = yield* lineToUrl(yield* database)
      let statements = 0
      const client = Layer.orDie(PostgresClient.layer({ url: line.url, maxConnections: 8 }))
      const node = storeNode(Layer.provide(stores, counting(() => statements++)(client)))
      return { a: yield* node, b: yield* node, statements: Effect.sync(() => statements), outage: line.cut }
    })
  }
}
