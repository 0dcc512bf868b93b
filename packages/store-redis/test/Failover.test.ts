import { assert, describe, it } from "@effect/vitest"
import { type RequestStore, type Runtime, Wake } from "@muster/domain"
import { machineNow, onMachineClock } from "@muster/kit"
import { RedisConnection, WakeRedis } from "@muster/store-redis"
import { lineTo, makeRedisPair, makeRedisServer, wakeNode } from "@muster/store-suite"
import { Effect, Layer, Logger, Queue, Result, Schedule } from "effect"
import { Shared } from "./Kinds.ts"
import { ask, completed, freshRuntime, replica, untilItAnswers, wanted } from "./Scene.ts"

/** Our failover must be over within this time (ms) after that of Redis. */
const bound = 10_000

/** Real servers take their time. */
const again = Schedule.spaced("20 millis")

const scene = Effect.gen(function*() {
  const pair = yield* makeRedisPair()
  const line = yield* lineTo(pair.first.port)
  const url = `redis://127.0.0.1:${line.port}`
  return { ...pair, line, url }
})

/** Every operation that writes, each about a request of its own. */
const writes = Effect.fnUntraced(function*(store: RequestStore.RequestStore["Service"]) {
  const [creating, claiming, settling] = yield* Effect.all([freshRuntime, freshRuntime, freshRuntime])
  yield* ask(store, Shared, claiming)
  const { id } = yield* ask(store, Shared, settling)
  yield* store.claim(settling, wanted(Shared))
  return {
    create: (runtime: Runtime.RuntimeId = creating) =>
      store.create({ kind: Shared, runtimeId: runtime, payload: {}, by: null }),
    claim: store.claim(claiming, wanted(Shared)),
    settle: store.settle(settling, id, completed)
  }
})

describe("a Redis that was demoted while the connection to it stayed open", () => {
  it.effect(
    "F-02 each write is repeated once at the promoted server, and no caller sees an error",
    () =>
      Effect.gen(function*() {
        const { failOver, line, second, url } = yield* scene
        const { connection, store } = yield* replica(url)
        const { claim, create, settle } = yield* writes(store)
        yield* line.redirect(second.port)
        yield* failOver("second")
        // All concurrently, as in a fleet: one of them redials, and none fails.
        const [created, claimed, settled] = yield* Effect.all([create(), claim, settle, connection.takesWrites], {
          concurrency: "unbounded"
        })
        assert.isTrue(created.created)
        assert.deepStrictEqual(claimed.map(({ state }) => state._tag), ["Running"])
        assert.strictEqual(settled._tag, "Settled")
        assert.deepStrictEqual(
          yield* store.claim(created.request.runtimeId, wanted(Shared)).pipe(
            Effect.map((requests) => requests.map(({ id }) => id))
          ),
          [created.request.id]
        )
      }),
    60_000
  )

  it.effect("F-02 a beat alone, whose answer no caller waits for, triggers a redial", () =>
    Effect.gen(function*() {
      const { failOver, line, second, url } = yield* scene
      const { connection } = yield* replica(url)
      yield* connection.takesWrites
      yield* line.redirect(second.port)
      yield* failOver("second")
      const { commands, guard, prefix } = connection
      const dialed = Effect.callback<void>((resume) => void commands.once("ready", () => resume(Effect.void)))
      assert.isTrue(guard.post("Liveness.beat", prefix, () => commands.set(prefix, "beat", "PX", 1_000)))
      yield* dialed
      assert.strictEqual(yield* Effect.promise(() => commands.set(prefix, "beat", "PX", 1_000)), "OK")
    }), 60_000)

  it.effect(
    "F-02 during the failover writes are refused with the cause, and afterwards it recovers in time",
    () =>
      Effect.gen(function*() {
        const { failOver, line, second, url } = yield* scene
        const lines = yield* Queue.unbounded<string>()
        const logger = Logger.layer([Logger.make(({ message }) => void Queue.offerUnsafe(lines, String(message)))])
        const { connection, store } = yield* Effect.provide(replica(url), logger)
        const runtime = yield* freshRuntime
        const create = store.create({ kind: Shared, runtimeId: runtime, payload: {}, by: null })
        const during = Effect.gen(function*() {
          const { message } = yield* Effect.flip(create)
          assert.match(message, /Redis takes no writes: this server is a replica.*READONLY/)
          assert.strictEqual((yield* Effect.flip(connection.takesWrites))._tag, "StoreUnavailable")
          // Reads still work there: they neither set nor clear a failure.
          for (let i = 0; i < 5; i++) assert.deepStrictEqual(yield* store.waiting(runtime), [])
          assert.strictEqual((yield* Effect.flip(connection.takesWrites))._tag, "StoreUnavailable")
        })
        yield* failOver("second", Effect.orDie(during))
        const over = machineNow()
        yield* line.redirect(second.port)
        yield* untilItAnswers(connection.takesWrites)
        yield* untilItAnswers(Effect.catchTag(create, ["RequestConflict", "RequestsFull"], Effect.die))
        assert.isBelow(machineNow() - over, bound)
        const said = yield* Queue.takeAll(lines)
        const count = (pattern: RegExp) => said.filter((line) => pattern.test(line)).length
        assert.deepStrictEqual([count(/^Redis takes no writes: /), count(/^Redis takes writes again/)], [1, 1])
      }),
    60_000
  )

  it.effect(
    "F-02 while the server is a replica it is redialed about once a second, at any rate of calls",
    () =>
      Effect.gen(function*() {
        const { failOver, url } = yield* scene
        const { connection, store } = yield* replica(url)
        const { create } = yield* writes(store)
        yield* failOver("second")
        let dialed = 0
        connection.commands.on("ready", () => dialed++)
        const begun = machineNow()
        for (let i = 0; i < 300; i++) assert.isTrue(Result.isFailure(yield* Effect.result(create())))
        assert.isAtLeast(dialed, 1)
        assert.isAtMost(dialed, 2 + (machineNow() - begun) / 1_000)
      }),
    60_000
  )

  it.effect("F-02 wakes follow to the promoted server", () =>
    Effect.gen(function*() {
      const { failOver, line, second, url } = yield* scene
      const { connection } = yield* replica(url)
      const layer = Layer.provide(WakeRedis.layer, Layer.succeed(RedisConnection, connection))
      const mine = yield* wakeNode(layer)
      yield* line.redirect(second.port)
      yield* failOver("second")
      // Another replica of ours, which was only ever connected to the promoted server.
      const other = (yield* replica(`redis://127.0.0.1:${second.port}`)).connection
      const theirs = yield* wakeNode(Layer.provide(WakeRedis.layer, Layer.succeed(RedisConnection, other)))
      const topic = Wake.topic.runtime(yield* freshRuntime)
      const queue = yield* theirs.subscribe([topic])
      yield* connection.takesWrites
      const wakes = Effect.forever(Effect.andThen(mine.publish(topic), Effect.ignore(connection.takesWrites)))
      const begun = machineNow()
      assert.strictEqual(yield* Effect.raceFirst(Queue.take(queue), wakes), topic)
      assert.isBelow(machineNow() - begun, bound)
    }), 60_000)

  it.effect("F-02 a failover by a Sentinel ends for us in time", () =>
    Effect.gen(function*() {
      const { first, second } = yield* makeRedisPair()
      const sentinel = yield* makeRedisServer([`sentinel monitor main 127.0.0.1 ${first.port} 1`])
      const { connection } = yield* replica(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)
      yield* connection.takesWrites
      // Refused until the Sentinel knows the replica.
      yield* Effect.retry(sentinel.tell("SENTINEL", "FAILOVER", "main"), again).pipe(onMachineClock)
      const switched = Effect.filterOrFail(
        sentinel.tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"),
        (address) => address.includes(String(second.port))
      )
      yield* Effect.retry(switched, again).pipe(onMachineClock)
      const over = machineNow()
      const { commands, guard, prefix } = connection
      const server = Effect.andThen(connection.takesWrites, guard.pass("info", prefix, () => commands.info("server")))
      // The old primary takes writes until the Sentinel reconfigures it, some seconds later.
      yield* Effect.repeat(untilItAnswers(server), {
        until: (info) => info.includes(`tcp_port:${second.port}`),
        schedule: again
      }).pipe(onMachineClock)
      assert.isBelow(machineNow() - over, bound)
    }), 60_000)
})
