import { RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { RedisServer } from "@muster/store-suite"
import { Effect, Layer, Redacted } from "effect"
import { round } from "../load/median.ts"
import { bullMq } from "./BullMq.ts"
import { compare } from "./Contender.ts"
import { operationsPerCycle, ours } from "./Ours.ts"
import { roundTrips } from "./RoundTrips.ts"

/**
 * Full cycles on Redis against BullMQ, on the same server. `op_over_ping`: with one lane, the duration of a store
 * operation, in round trips of a bare PING in the same run.
 */
export const requestsRedis = Effect.gen(function*() {
  const { url } = yield* RedisServer
  const store = RequestStoreRedis.layer.pipe(Layer.provide(RedisConnection.layer({ url: Redacted.make(url) })))
  const context = yield* Layer.build(store)
  const muster = yield* Effect.provideContext(ours("muster"), context)
  const floor = yield* roundTrips(url)
  const { rates, ratios } = yield* compare(muster, [bullMq(url)], [1, 8, 64])
  const opMicros = 1_000_000 / rates["muster"]![1]! / operationsPerCycle
  return {
    bench: "requests-redis",
    ratios: ratios["bullmq"],
    cycles_per_second: rates,
    round_trip_us: floor,
    op_over_ping: round(opMicros / floor.ping)
  }
}).pipe(Effect.scoped, Effect.provide(RedisServer.layer))
