import { Migrations, PostgresClient, RequestStorePostgres } from "@muster/store-postgres"
import { freshDatabaseOn, PostgresServer } from "@muster/store-suite"
import { Effect, Layer, Redacted } from "effect"
import { compare } from "./Contender.ts"
import { graphileWorker } from "./GraphileWorker.ts"
import { ours } from "./Ours.ts"
import { pgBoss } from "./PgBoss.ts"

/** Full cycles on PostgreSQL against pg-boss and graphile-worker, on the same server, ten connections each. */
export const requestsPostgres = Effect.gen(function*() {
  const { url } = yield* PostgresServer
  const [mine, boss, graphile] = yield* Effect.all([freshDatabaseOn(url), freshDatabaseOn(url), freshDatabaseOn(url)])
  const store = RequestStorePostgres.layer.pipe(
    Layer.provide(Migrations.layer),
    Layer.provide(PostgresClient.layer({ url: mine }))
  )
  const context = yield* Layer.build(store)
  const muster = yield* Effect.provideContext(ours("muster"), context)
  const peers = [pgBoss(Redacted.value(boss)), graphileWorker(Redacted.value(graphile))]
  const { rates, ratios } = yield* compare(muster, peers, [8, 64])
  return { bench: "requests-postgres", ratios, cycles_per_second: rates }
}).pipe(Effect.scoped, Effect.provide(PostgresServer.layer))
