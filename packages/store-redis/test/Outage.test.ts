import { assert, describe, it } from "@effect/vitest"
import { Liveness, type RequestStore, type Runtime, RuntimeRegistry, Wake } from "@muster/domain"
import { machineNow } from "@muster/kit"
import { LivenessRedis, RedisConnection, WakeRedis } from "@muster/store-redis"
import { newWatch, watched } from "@muster/store-suite"
import { Context, Effect, Exit, Layer, Queue } from "effect"
import { Shared } from "./Kinds.ts"
import { registryInMemory } from "./Registry.ts"
import { ask, completed, freshRuntime, ownServer, replica, untilItAnswers, wanted } from "./Scene.ts"

/** The maximum duration of an operation on a dead Redis (ms): its deadline, plus a margin for a busy machine. */
const bound = 1_000 + 4_000

const calls = (
  store: RequestStore.RequestStore["Service"],
  runtime: Runtime.RuntimeId,
  id: Parameters<typeof store.get>[1]
) => [
  store.create({ kind: Shared, runtimeId: runtime, payload: {}, by: null }),
  store.get(runtime, id),
  store.waiting(runtime),
  store.claim(runtime, wanted(Shared)),
  store.settle(runtime, id, completed)
]

/** All concurrently must be unavailable, within the bound. */
const assertUnavailable = Effect.fnUntraced(function*(
  operations: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>>
) {
  const begun = machineNow()
  const errors = yield* Effect.forEach(operations, Effect.flip, { concurrency: "unbounded" })
  assert.isBelow(machineNow() - begun, bound)
  assert.deepStrictEqual(errors.map(({ _tag }) => _tag), operations.map(() => "StoreUnavailable"))
})

describe("a dead Redis", () => {
  for (const death of ["kill", "freeze"] as const) {
    it.effect(
      `R-19 (${death}) every call is unavailable in time, later without a wait, and works when Redis is back`,
      () =>
        Effect.gen(function*() {
          const server = yield* ownServer
          const { store } = yield* replica(server.url)
          const runtime = yield* freshRuntime
          const request = yield* ask(store, Shared, runtime)
          yield* server[death]
          yield* assertUnavailable(calls(store, runtime, request.id))
          yield* assertUnavailable(calls(store, runtime, request.id))
          // The circuit is open: thousands of beats cost nothing, not even a wait.
          const begun = machineNow()
          for (let beat = 0; beat < 3_000; beat++) {
            assert.isTrue(Exit.isFailure(yield* Effect.exit(store.waiting(runtime))))
          }
          assert.isBelow(machineNow() - begun, bound)
          yield* death === "kill" ? server.start : server.thaw
          assert.deepStrictEqual(yield* untilItAnswers(store.waiting(runtime)), [Shared.name])
          assert.deepStrictEqual((yield* store.claim(runtime, wanted(Shared))).map(({ id }) => id), [request.id])
        }),
      60_000
    )
  }

  it.effect("a replica starts without Redis, and needs no restart", () =>
    Effect.gen(function*() {
      const server = yield* ownServer
      yield* server.kill
      const { connection, store } = yield* replica(server.url)
      const runtime = yield* freshRuntime
      assert.isTrue(Exit.isFailure(yield* Effect.exit(store.waiting(runtime))))
      assert.strictEqual((yield* Effect.flip(connection.takesWrites))._tag, "StoreUnavailable")
      yield* server.start
      yield* connection.ready
      assert.deepStrictEqual(yield* store.waiting(runtime), [])
      yield* connection.takesWrites
    }), 60_000)

  it.effect("scripts that Redis lost are loaded again, without an error", () =>
    Effect.gen(function*() {
      const server = yield* ownServer
      const { connection, store } = yield* replica(server.url)
      const runtime = yield* freshRuntime
      const request = yield* ask(store, Shared, runtime)
      yield* Effect.promise(() => connection.commands.script("FLUSH"))
      assert.strictEqual((yield* store.claim(runtime, wanted(Shared))).length, 1)
      yield* Effect.promise(() => connection.commands.script("FLUSH"))
      assert.strictEqual((yield* store.settle(runtime, request.id, completed))._tag, "Settled")
      const used = yield* Effect.promise(() => connection.commands.info("commandstats"))
      assert.notMatch(used, /cmdstat_(multi|exec)\b/)
    }), 60_000)

  it.effect("H-09 a beat still reaches the table, and liveness is unavailable", () =>
    Effect.gen(function*() {
      const server = yield* ownServer
      const { connection } = yield* replica(server.url)
      const watch = newWatch()
      const context = yield* Layer.build(LivenessRedis.layer.pipe(
        Layer.provide(Layer.succeed(RedisConnection, connection)),
        Layer.provide(watched(RuntimeRegistry.RuntimeRegistry, watch)),
        Layer.provide(registryInMemory)
      ))
      const liveness = Context.get(context, Liveness.Liveness)
      const id = yield* freshRuntime
      yield* server.kill
      assert.strictEqual((yield* Effect.flip(liveness.alive([id])))._tag, "StoreUnavailable")
      const before = watch.calls
      yield* liveness.beat({ id, status: "offline", lastSeenAt: null })
      assert.strictEqual(watch.calls, before + 1)
      watch.down = true
      assert.strictEqual(
        (yield* Effect.flip(liveness.beat({ id, status: "offline", lastSeenAt: null })))._tag,
        "StoreUnavailable"
      )
      yield* server.start
      yield* connection.ready
      yield* liveness.beat({ id, status: "online", lastSeenAt: 0 })
      assert.isTrue((yield* liveness.alive([id])).has(id))
    }), 60_000)

  it.effect("earlier subscriptions are restored", () =>
    Effect.gen(function*() {
      const server = yield* ownServer
      const { connection } = yield* replica(server.url)
      const wake = Context.get(
        yield* Layer.build(Layer.provide(WakeRedis.layer, Layer.succeed(RedisConnection, connection))),
        Wake.Wake
      )
      const topic = Wake.topic.runtime(yield* freshRuntime)
      const during = Wake.topic.runtime(yield* freshRuntime)
      const queue = yield* wake.subscribe([topic])
      yield* server.kill
      yield* wake.publish(topic)
      const late = yield* wake.subscribe([during])
      yield* server.start
      // Wakes until one arrives, each after a round trip: a lost one costs one more.
      const wakes = Effect.forever(
        Effect.all([wake.publish(topic), wake.publish(during), Effect.ignore(untilItAnswers(connection.takesWrites))])
      )
      assert.strictEqual(yield* Effect.raceFirst(Queue.take(queue), wakes), topic)
      assert.strictEqual(yield* Effect.raceFirst(Queue.take(late), wakes), during)
    }), 60_000)
})
