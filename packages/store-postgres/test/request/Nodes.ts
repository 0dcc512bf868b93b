import { Migrations, PostgresClient, RequestStorePostgres } from "@muster/store-postgres"
import { requestNode } from "@muster/store-suite"
import { Effect, Layer, type Redacted } from "effect"

/** Two nodes on this database, each with connections of its own; the first brings the schema up to date. */
export const twoNodesOn = Effect.fnUntraced(function*(url: Redacted.Redacted) {
  const client = Layer.orDie(PostgresClient.layer({ url, maxConnections: 6 }))
  const node = requestNode(RequestStorePostgres.layer.pipe(Layer.provide(Migrations.layer), Layer.provide(client)))
  return { a: yield* node, b: yield* node }
})
