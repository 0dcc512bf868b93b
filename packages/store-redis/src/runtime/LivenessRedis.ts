import { Liveness, LivenessPolicy, type Runtime, type RuntimeRegistry } from "@muster/domain"
import { makeSeenBuffer } from "@muster/store-kit"
import { Clock, Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import { RedisConnection } from "../connection/RedisConnection.ts"

/** How much longer (ms) than the TTL a sign is kept: whether it still counts, the reader's clock decides. */
const slack = 60_000

/** The most keys of one command. */
const batch = 1_000

const make = Effect.gen(function*() {
  const { commands, guard, prefix } = yield* RedisConnection
  const { ttl } = yield* LivenessPolicy.LivenessPolicy
  const seen = yield* makeSeenBuffer
  const keyOf = (id: Runtime.RuntimeId) => `${prefix}{${id}}:alive`

  /** What can go out as one command: on a cluster, each key for itself. */
  const batches = (ids: ReadonlyArray<Runtime.RuntimeId>): ReadonlyArray<ReadonlyArray<Runtime.RuntimeId>> => {
    const size = commands instanceof Cluster ? 1 : batch
    return Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size))
  }

  /** One command for each batch, all on their way at once. */
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
        // Nobody waits for the answer: should it be lost, the table still learns of this beat in time.
        const isSent = guard.post("Liveness.beat", key, () => commands.set(key, now, "PX", ttl + slack))
        const write = Effect.asVoid(seen.beat(runtime, now))
        // The buffer keeps what could not be written, but a row that is to turn online waits for no buffer.
        return isSent && runtime.status === "online" && runtime.lastSeenAt !== null ? Effect.ignore(write) : write
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
 * Signs of life in Redis, one key each; last-seen times go to the registry in bulk. With Redis gone a beat still reaches
 * the table, and `alive` is unavailable: then the table decides.
 */
export const LivenessRedis = {
  layer: Layer.effect(Liveness.Liveness, make) satisfies Layer.Layer<
    Liveness.Liveness,
    never,
    RuntimeRegistry.RuntimeRegistry | RedisConnection
  >
}
