import { RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { RedisServer } from "@muster/store-suite"
import { Effect, Layer, Redacted } from "effect"
import { bullMq } from "./BullMq.ts"
import { compare } from "./Contender.ts"
import { ours } from "./Ours.ts"
import { roundTrips } from "./RoundTrips.ts"

/** Full cycles on Redis against BullMQ, on the same server. */
export const requestsRedis = Effect.gen(function*() {
  const { url } = yield* RedisServer
  const store = RequestStoreRedis.layer.pipe(Layer.provide(RedisConnection.layer({ url: Redacted.make(url) })))
  const context = yield* Layer.build(store)
  const muster = yield* Effect.provideContext(ours("muster"), context)
  const floor = yield* roundTrips(url)
  const { rates, ratios } = yield* compare(muster, [bullMq(url)], [1, 8, 64])
  return { bench: "requests-redis", ratios: ratios["bullmq"], cycles_per_second: rates, round_trip_us: floor }
}).pipe(Effect.scoped, Effect.provide(RedisServer.layer))
