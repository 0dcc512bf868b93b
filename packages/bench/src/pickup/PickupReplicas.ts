import { freshDatabaseOn, PostgresServer, RedisServer } from "@muster/store-suite"
import { Console, Effect, Layer, Queue, Redacted } from "effect"
import { percentile, round } from "../load/median.ts"
import { startMusterOn } from "../load/Muster.ts"
import { ask, listen, report } from "./Pickup.ts"

const requests = 200
const warmUp = 20

/** From the person's POST at replica A until the daemon at replica B has the request, in ms. */
const across = Effect.fnUntraced(function*(urls: ReadonlyArray<string>) {
  const a = yield* startMusterOn(urls)
  const b = yield* startMusterOn(urls)
  const runtime = yield* b.register("bench")
  const arrived = yield* listen(b, runtime)
  const waits: Array<number> = []
  for (let i = 0; i < requests + warmUp; i++) {
    const asked = performance.now()
    yield* Effect.forkChild(ask(a, runtime), { startImmediately: true })
    const { at, id } = yield* Queue.take(arrived)
    if (i >= warmUp) waits.push(at - asked)
    yield* report(b, runtime, id)
  }
  yield* Console.error(`${urls.length === 2 ? "cluster" : "postgres"}: ${waits.length} requests`)
  return { p50_ms: round(percentile(waits, 0.5)), p99_ms: round(percentile(waits, 0.99)) }
}, Effect.scoped)

/** The pick-up of a request that is made at one replica by a daemon at another, with Redis and without. */
export const pickupReplicas = Effect.gen(function*() {
  const postgres = yield* PostgresServer
  const redis = yield* RedisServer
  const database = Effect.map(freshDatabaseOn(postgres.url), Redacted.value)
  return {
    bench: "pickup-replicas",
    n: requests,
    cluster: yield* across([yield* database, redis.url]),
    postgres: yield* across([yield* database])
  }
}).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(PostgresServer.layer, RedisServer.layer)))
