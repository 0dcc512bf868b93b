import { Migrations, PostgresClient } from "@muster/store-postgres"
import {
  auditLogSuite,
  censusSuite,
  freshDatabase,
  limitStoreSuite,
  lineToUrl,
  modelCatalogueSuite,
  notesNode,
  requestJournalSuite,
  runtimeHistorySuite,
  shared
} from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { empty } from "../Stores.ts"
import { notes } from "./Layers.ts"

const database = shared(freshDatabase)
const migrated = shared(Effect.gen(function*() {
  const client = Layer.orDie(PostgresClient.layer({ url: yield* database, maxConnections: 1 }))
  return yield* Layer.build(Layer.provideMerge(Migrations.layer, client))
}))

const backend = {
  name: "PostgreSQL",
  nodes: Effect.gen(function*() {
    yield* Effect.provide(empty, yield* migrated)
    const line = yield* lineToUrl(yield* database)
    const node = notesNode(
      Layer.provide(notes, Layer.orDie(PostgresClient.layer({ url: line.url, maxConnections: 4 })))
    )
    return { a: yield* node, b: yield* node, outage: line.cut }
  })
}

auditLogSuite(backend)
censusSuite(backend)
limitStoreSuite(backend)
modelCatalogueSuite(backend)
requestJournalSuite(backend)
runtimeHistorySuite(backend)
