import { assert, it } from "@effect/vitest"
import { Limit } from "@muster/domain"
import { LimitStoreRedis, type RedisConnection } from "@muster/store-redis"
import { limitStoreSuite } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { built, keysOf, lastingKeys, mode, redisBackend } from "./Backend.ts"

for (const name of mode) {
  const { behindLines, fresh } = redisBackend(name)
  const node = (connection: ReturnType<typeof RedisConnection.layer>) =>
    Effect.map(built(Limit.LimitStore, Layer.provide(LimitStoreRedis.layer, connection)), (limits) => ({ limits }))
  limitStoreSuite({
    name,
    nodes: Effect.gen(function*() {
      const { connection, lines } = yield* behindLines
      return {
        a: yield* node(connection),
        b: yield* node(connection),
        outage: Effect.forEach(lines, ({ cut }) => cut, { discard: true })
      }
    })
  })

  it.effect(`A-08 ${name} removes each bucket by itself, and keeps none for what was refused`, () =>
    Effect.gen(function*() {
      const { client, connection, prefix } = yield* fresh
      const { limits } = yield* node(connection)
      const bucket = { max: 1, window: 1_000 }
      yield* Effect.forEach(["a", "b"], (key) => Effect.orDie(limits.take(key, bucket, 1)))
      yield* Effect.orDie(limits.take("a", bucket, 1))
      assert.strictEqual((yield* keysOf(client, prefix)).length, 2)
      assert.deepStrictEqual(yield* lastingKeys(client, prefix), [])
    }))
}
