import { Liveness, LivenessPolicy, type Runtime, type RuntimeRegistry } from "@muster/domain"
import { makeSeenBuffer } from "@muster/store-kit"
import { Clock, Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import { RedisConnection } from "../connection/RedisConnection.ts"

/** How much longer (ms) than the TTL a beat is kept: the reader's clock decides whether it counts. */
const slack = 60_000

/** The maximum number of keys of one command. */
const batch = 1_000

const make = Effect.gen(function*() {
  const { commands, guard, prefix } = yield* RedisConnection
  const { ttl } = yield* LivenessPolicy.LivenessPolicy
  const seen = yield* makeSeenBuffer
  const keyOf = (id: Runtime.RuntimeId) => `${prefix}{${id}}:alive`

  /** The keys that can go out in one command: on a cluster, each key by itself. */
  const batches = (ids: ReadonlyArray<Runtime.RuntimeId>): ReadonlyArray<ReadonlyArray<Runtime.RuntimeId>> => {
    const size = commands instanceof Cluster ? 1 : batch
    return Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size))
  }

  /** One command for each batch, sent concurrently. */
  const each = <A>(
    operation: string,
    ids: ReadonlyArray<Runtime.RuntimeId>,
    send: (keys: Array<string>, ids: ReadonlyArray<Runtime.RuntimeId>) => Promise<A>
  ) =>
    Effect.forEach(batches(ids), (ids) => {
      const keys = ids.map(keyOf)
      return guard.pass(operation, keys[0] ?? prefix, () => send(keys, ids))
    }, { concurrency: "unbounded" })

  return Liveness.Liveness.of({
    beat: (runtime) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const key = keyOf(runtime.id)
        // No caller waits for the answer: if it is lost, the table still gets this beat in time.
        const isSent = guard.post("Liveness.beat", key, () => commands.set(key, now, "PX", ttl + slack))
        return seen.beat(runtime, now, isSent)
      }),
    alive: (ids) =>
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        const read = yield* each("Liveness.alive", ids, (keys, ids) =>
          commands.mget(keys).then((times) =>
            ids.filter((_, i) => {
              const at = times[i]
              return typeof at === "string" && now - Number(at) <= ttl
            })
          ))
        return new Set(read.flat())
      }),
    forget: (ids) =>
      Effect.suspend(() => {
        seen.forget(ids)
        return Effect.asVoid(each("Liveness.forget", ids, (keys) => commands.del(keys)))
      }),
    flush: seen.flush
  })
})

/**
 * Liveness in Redis, one key per runtime; last-seen times go to the registry in bulk. If Redis is down a beat still
 * reaches the table, and `alive` is unavailable: then the table decides.
 */
export const LivenessRedis = {
  layer: Layer.effect(Liveness.Liveness, make) satisfies Layer.Layer<
    Liveness.Liveness,
    never,
    RuntimeRegistry.RuntimeRegistry | RedisConnection
  >
}
