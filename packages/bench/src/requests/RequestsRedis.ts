import { RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { RedisServer } from "@muster/store-suite"
import { Effect, Layer, Redacted } from "effect"
import { median, round } from "../load/median.ts"
import { bullMq } from "./BullMq.ts"
import { compare } from "./Contender.ts"
import { operationsPerCycle, ours } from "./Ours.ts"
import { roundTrips } from "./RoundTrips.ts"

/** The duration of a store operation with one lane, in µs. */
const operationMicros = (rate: number) => 1_000_000 / rate / operationsPerCycle

/**
 * Full cycles on Redis against BullMQ, on the same server. `op_over_ping`: with one lane, the duration of a store
 * operation, in round trips of a bare PING. Each round measures both, so that they have the same load of the machine.
 */
export const requestsRedis = Effect.gen(function*() {
  const { url } = yield* RedisServer
  const store = RequestStoreRedis.layer.pipe(Layer.provide(RedisConnection.layer({ url: Redacted.make(url) })))
  const context = yield* Layer.build(store)
  const muster = yield* Effect.provideContext(ours("muster"), context)
  const { ping, script } = yield* roundTrips(url)
  const overPing: Array<number> = []
  const beside = (lanes: number, rate: number) =>
    lanes !== 1 ? Effect.void : Effect.map(Effect.all([ping.measure, script.measure]), ([micros]) => {
      overPing.push(operationMicros(rate) / micros)
    })
  const { rates, ratios } = yield* compare(muster, [bullMq(url)], [1, 8, 64], beside)
  return {
    bench: "requests-redis",
    ratios: ratios["bullmq"],
    cycles_per_second: rates,
    round_trip_us: { ping: ping.typical(), empty_script: script.typical() },
    op_over_ping: round(median(overPing))
  }
}).pipe(Effect.scoped, Effect.provide(RedisServer.layer))
