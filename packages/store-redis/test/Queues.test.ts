import { assert, describe, it } from "@effect/vitest"
import { RequestStoreRedis } from "@muster/store-redis"
import { requestNode } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { keysOf, lastingKeys, mode, redisBackend } from "./Backend.ts"
import { Crowd, Lonely, Shared } from "./Kinds.ts"
import { ask, completed, freshRuntime, wanted } from "./Scene.ts"

const deadHeads = 1_500

for (const name of mode) {
  const { fresh } = redisBackend(name)
  const scene = Effect.gen(function*() {
    const { client, connection, prefix } = yield* fresh
    const store = yield* requestNode(Layer.provide(RequestStoreRedis.layer, connection))
    return { client, prefix, store, runtime: yield* freshRuntime }
  })

  describe(`queues · ${name}`, () => {
    it.effect(`R-13 one claim removes ${deadHeads} dead heads, timed out and lost ones, and returns the live one`, () =>
      Effect.gen(function*() {
        const { client, prefix, runtime, store } = yield* scene
        const asked = yield* Effect.all(
          Array.from({ length: deadHeads }, () => ask(store, Crowd, runtime)),
          { concurrency: 200 }
        )
        const records = (yield* keysOf(client, prefix)).filter((key) => key.includes(":id:"))
        assert.strictEqual(records.length, deadHeads)
        const lost = records.filter((_, i) => i % 3 === 0)
        yield* Effect.promise(() => Promise.all(lost.map((key) => client.del(key))))
        yield* TestClock.adjust(Crowd.terms.pending + 1)
        const live = yield* ask(store, Crowd, runtime)
        assert.deepStrictEqual((yield* store.claim(runtime, wanted(Crowd, 10))).map(({ id }) => id), [live.id])
        yield* store.settle(runtime, live.id, completed)
        assert.deepStrictEqual((yield* keysOf(client, prefix)).filter((key) => !/:id:|:seq$/.test(key)), [])
        assert.strictEqual(asked.length, deadHeads)
      }))

    it.effect("R-13 a lost head is not claimed, and the request after it is", () =>
      Effect.gen(function*() {
        const { client, prefix, runtime, store } = yield* scene
        for (let head = 0; head < 3; head++) yield* ask(store, Crowd, runtime)
        const lost = (yield* keysOf(client, prefix)).filter((key) => key.includes(":id:"))
        yield* Effect.promise(() => Promise.all(lost.map((key) => client.del(key))))
        const live = yield* ask(store, Crowd, runtime)
        assert.deepStrictEqual((yield* store.claim(runtime, wanted(Crowd))).map(({ id }) => id), [live.id])
        assert.deepStrictEqual(yield* store.claim(runtime, wanted(Crowd)), [])
      }))

    it.effect("R-15 in a steady stream the keys are few, the queues short, and every key expires", () =>
      Effect.gen(function*() {
        const { client, prefix, runtime, store } = yield* scene
        for (let i = 0; i < 120; i++) {
          for (const kind of [Crowd, Shared, Lonely]) {
            const request = yield* ask(store, kind, runtime)
            const [claimed] = i % 3 === 0 ? [] : yield* store.claim(runtime, wanted(kind))
            if (claimed !== undefined && i % 3 === 1) yield* store.settle(runtime, request.id, completed)
          }
          yield* TestClock.adjust(Crowd.terms.pending + Crowd.terms.running + 1)
        }
        const keys = yield* keysOf(client, prefix)
        const queues = keys.filter((key) => !key.includes(":id:"))
        assert.isAtMost(queues.length, 2 + 2 * 3)
        for (const key of queues.filter((key) => !key.endsWith(":seq"))) {
          assert.isAtMost(yield* Effect.promise(() => client.zcard(key)), 3)
        }
        assert.deepStrictEqual(yield* lastingKeys(client, prefix), [])
      }))

    it.effect("every key begins with the prefix and has the runtime as its hash tag", () =>
      Effect.gen(function*() {
        const { client, prefix, runtime, store } = yield* scene
        for (const kind of [Crowd, Shared, Lonely]) {
          yield* ask(store, kind, runtime)
          yield* store.claim(runtime, wanted(kind))
        }
        const keys = yield* keysOf(client, prefix)
        assert.isAtLeast(keys.length, 5)
        for (const key of keys) assert.isTrue(key.startsWith(`${prefix}{${runtime}}:`), key)
      }))
  })
}
