import { Limit, Store } from "@muster/domain"
import { Clock, Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { RedisConnection } from "../connection/RedisConnection.ts"
import { runScript, scriptOf } from "../script/Script.ts"

const unreadable = "Redis returned a bucket that Muster did not write"

const make = Effect.gen(function*() {
  const { commands, guard, prefix } = yield* RedisConnection
  const script = scriptOf(readFileSync(new URL("./take.lua", import.meta.url), "utf8"))

  return Limit.LimitStore.of({
    take: Effect.fnUntraced(function*(name, bucket, wanted) {
      const operation = "LimitStore.take"
      const now = yield* Clock.currentTimeMillis
      const key = `${prefix}{limit:${name}}`
      const args = [now * 1_000, Limit.costOf(bucket), bucket.max, wanted]
      const reply = yield* guard.pass(operation, key, () => runScript(commands, script, key, args))
      const [granted, full] = (Array.isArray(reply) ? reply : []) as ReadonlyArray<unknown>
      if (typeof granted !== "number" || typeof full !== "string") {
        return yield* new Store.StoreUnavailable({ operation, cause: unreadable, backend: "Redis", reason: unreadable })
      }
      return { granted, retryAfter: granted > 0 ? 0 : Limit.retryAfterOf(Number(full), bucket, now) }
    }),
    prune: Effect.void
  })
})

/** Buckets in Redis, one key each, which Redis removes a minute after the bucket is full. */
export const LimitStoreRedis = {
  layer: Layer.effect(Limit.LimitStore, make) satisfies Layer.Layer<Limit.LimitStore, never, RedisConnection>
}
