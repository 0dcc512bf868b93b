import { Liveness, RequestStore, Runtime } from "@muster/domain"
import { AccessMemory, RuntimeRegistryMemory } from "@muster/store-memory"
import { LivenessRedis, RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { RedisServer } from "@muster/store-suite"
import { Context, Duration, Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { Socket } from "node:net"
import { median, round } from "../load/median.ts"

const rounds = 5
const beats = 2_000

/** The number of writes to a socket of this port since: each write waits for one answer, so it is a round trip. */
const countWrites = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const real = Socket.prototype._write
      const realMany = Socket.prototype._writev
      const counter = { writes: 0, real, realMany }
      Socket.prototype._write = function(...args) {
        if (this.remotePort === port) counter.writes++
        return real.apply(this, args)
      }
      Socket.prototype._writev = function(...args) {
        if (this.remotePort === port) counter.writes++
        return realMany!.apply(this, args)
      }
      return counter
    }),
    ({ real, realMany }) =>
      Effect.sync(() => {
        Socket.prototype._write = real
        Socket.prototype._writev = realMany!
      })
  )

/** An idle beat on Redis: the recording and the probe, in sequence and 64 concurrently. */
export const claimEmpty = Effect.gen(function*() {
  const { port, url } = yield* RedisServer
  const layer = Layer.mergeAll(RequestStoreRedis.layer, LivenessRedis.layer).pipe(
    Layer.provide(RuntimeRegistryMemory.layer),
    Layer.provide(AccessMemory.layer),
    Layer.provide(RedisConnection.layer({ url: Redacted.make(url) }))
  )
  const context = yield* Layer.build(layer)
  const store = Context.get(context, RequestStore.RequestStore)
  const liveness = Context.get(context, Liveness.Liveness)
  const runtimes = Array.from({ length: 64 }, () => Runtime.RuntimeId.make(randomUUID()))
  const beat = (i: number) => {
    const runtime = {
      id: runtimes[i % runtimes.length]!,
      status: "online" as const,
      lastSeenAt: performance.timeOrigin
    }
    return Effect.andThen(liveness.beat(runtime), store.waiting(runtime.id))
  }
  const all = (concurrency: number) =>
    Effect.forEach(Array.from({ length: beats }, (_, i) => i), beat, { concurrency, discard: true })
  const counter = yield* countWrites(port)
  yield* all(64)

  const perBeat: Array<number> = []
  const rates: Record<string, Array<number>> = { 1: [], 64: [] }
  for (let i = 0; i < rounds; i++) {
    for (const concurrency of [1, 64]) {
      const before = counter.writes
      const [took] = yield* Effect.timed(all(concurrency))
      if (concurrency === 1) perBeat.push((counter.writes - before) / beats)
      rates[concurrency]!.push(beats / Duration.toSeconds(took))
    }
  }
  return {
    bench: "claim-empty",
    round_trips_per_beat: round(median(perBeat)),
    beats_per_second: { 1: round(median(rates[1]!), 0), 64: round(median(rates[64]!), 0) }
  }
}).pipe(Effect.scoped, Effect.provide(RedisServer.layer))
