import { assert, describe, it } from "@effect/vitest"
import { Request, RequestStore } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { makeRedisServer, type RedisServerControl } from "@muster/store-suite"
import { Context, Effect, Layer, Logger, Option, Queue, Redacted, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { keysOf } from "./Backend.ts"
import { Crowd, Shared } from "./Kinds.ts"
import { ask, completed, freshRuntime, wanted } from "./Scene.ts"

const requests = 500

const usedMemory = (server: RedisServerControl) =>
  Effect.map(server.tell("INFO", "memory"), (info) => Number(/^used_memory:(\d+)/m.exec(info)?.[1]))

/** A replica with a captured log that checks the memory of Redis all the time. */
const watching = Effect.fnUntraced(function*(url: string) {
  const lines = yield* Queue.unbounded<string>()
  const logger = Logger.layer([Logger.make(({ message }) => void Queue.offerUnsafe(lines, String(message)))])
  const context = yield* Layer.build(Layer.fresh(Layer.provideMerge(
    RequestStoreRedis.layer,
    RedisConnection.layer({ url: Redacted.make(url), lookEvery: "20 millis" })
  ))).pipe(Effect.provide(logger))
  const connection = Context.get(context, RedisConnection)
  const untilRisk = (isIt: (risk: string | undefined) => boolean) =>
    onMachineClock(Effect.repeat(connection.risk, { until: isIt, schedule: Schedule.spaced("10 millis") }))
  return { lines, connection, store: Context.get(context, RequestStore.RequestStore), untilRisk }
})

const scene = Effect.fnUntraced(function*(policy: string) {
  const server = yield* makeRedisServer([`maxmemory-policy ${policy}`])
  return { server, ...(yield* watching(`redis://127.0.0.1:${server.port}`)) }
})

describe("a Redis that evicts", () => {
  it.effect(
    `F-28 of ${requests} accepted requests each ends, is claimed at most as often as allowed, and the log has the reason`,
    () =>
      Effect.gen(function*() {
        const { lines, server, store, untilRisk } = yield* scene("allkeys-lru")
        const asked = yield* Effect.forEach(
          Array.from({ length: requests }),
          () => Effect.flatMap(freshRuntime, (runtime) => ask(store, Crowd, runtime)),
          { concurrency: 50 }
        )
        yield* server.tell("CONFIG", "SET", "maxmemory", (yield* usedMemory(server)) - 500_000)
        yield* untilRisk((risk) => risk?.startsWith("Redis evicts keys") === true)
        yield* server.tell("CONFIG", "SET", "maxmemory", 0)
        yield* untilRisk((risk) => risk === undefined)

        // A waiting caller reads repeatedly, which restores a lost place in a queue.
        yield* TestClock.adjust("6 seconds")
        const looked = yield* Effect.forEach(asked, ({ id, runtimeId }) => store.get(runtimeId, id), {
          concurrency: 50
        })
        const kept = asked.filter((_, i) => Option.isSome(looked[i]!))
        assert.isBelow(kept.length, requests)
        assert.isAbove(kept.length, 0)
        const claimed = yield* Effect.forEach(asked, ({ runtimeId }) => store.claim(runtimeId, wanted(Crowd, 10)), {
          concurrency: 50
        })
        assert.deepStrictEqual(claimed.flat().map(({ id }) => id).toSorted(), kept.map(({ id }) => id).toSorted())

        yield* TestClock.adjust(Crowd.terms.running + 1)
        for (const { id, runtimeId } of kept) {
          const found = yield* store.get(runtimeId, id)
          assert.isTrue(Option.isSome(found) && Request.isTerminal(found.value))
        }
        const said = yield* Queue.takeAll(lines)
        assert.strictEqual(said.filter((line) => /^Redis (?:may evict|evicts)/.test(line)).length, 1)
        assert.strictEqual(said.filter((line) => line.startsWith("the memory of Redis is in order again")).length, 1)
      }),
    60_000
  )

  it.effect(
    "F-28 a pending request that lost its place times out at its limit, with the text of that limit",
    () =>
      Effect.gen(function*() {
        const { connection: { commands, prefix }, store } = yield* scene("noeviction")
        const runtime = yield* freshRuntime
        const { id } = yield* ask(store, Shared, runtime)
        const places = (yield* keysOf(commands, prefix)).filter((key) => !key.includes(":id:"))
        assert.strictEqual(places.length, 4)
        yield* Effect.promise(() => commands.del(...places))
        assert.deepStrictEqual(yield* store.waiting(runtime), [])
        yield* TestClock.adjust(Shared.terms.pending + 1)
        const found = yield* store.get(runtime, id)
        assert.deepStrictEqual(Option.getOrThrow(found).state, {
          _tag: "TimedOut",
          error: Shared.terms.texts.pending,
          startedAt: null
        })
      }),
    60_000
  )

  it.effect(
    "F-28 a limit applies if the list of limits was lost: an overdue request is neither claimed nor blocks others",
    () =>
      Effect.gen(function*() {
        const { connection: { commands, prefix }, store } = yield* scene("noeviction")
        const runtime = yield* freshRuntime
        const few = { ...Crowd, terms: { ...Crowd.terms, admission: { _tag: "Many", max: 1 } as const } }
        const overdue = yield* ask(store, few, runtime)
        const limits = (yield* keysOf(commands, prefix)).filter((key) => key.endsWith(":limits"))
        assert.strictEqual(limits.length, 1)
        yield* Effect.promise(() => commands.del(...limits))
        yield* TestClock.adjust(few.terms.pending + 1)
        assert.deepStrictEqual(yield* store.claim(runtime, wanted(few)), [])
        assert.strictEqual(Option.getOrThrow(yield* store.get(runtime, overdue.id)).state._tag, "TimedOut")

        const second = yield* ask(store, few, runtime)
        yield* Effect.promise(() => commands.del(...limits))
        yield* TestClock.adjust(few.terms.pending + 1)
        const third = yield* ask(store, few, runtime)
        assert.notStrictEqual(third.id, second.id)
        assert.deepStrictEqual((yield* store.claim(runtime, wanted(few, 2))).map(({ id }) => id), [third.id])
      }),
    60_000
  )

  it.effect(
    "F-28 a read after 5 s restores a lost place, before later requests",
    () =>
      Effect.gen(function*() {
        const { connection: { commands, prefix }, store } = yield* scene("noeviction")
        const runtime = yield* freshRuntime
        const first = yield* ask(store, Crowd, runtime)
        const second = yield* ask(store, Crowd, runtime)
        const places = (yield* keysOf(commands, prefix)).filter((key) => !key.includes(":id:"))
        yield* Effect.promise(() => commands.del(...places))
        yield* store.get(runtime, first.id)
        assert.deepStrictEqual(yield* store.claim(runtime, wanted(Crowd, 10)), [])
        yield* TestClock.adjust("5 seconds")
        yield* store.get(runtime, second.id)
        yield* store.get(runtime, first.id)
        const third = yield* ask(store, Crowd, runtime)
        assert.deepStrictEqual(yield* store.waiting(runtime), [Crowd.name])
        const claimed = yield* store.claim(runtime, wanted(Crowd, 10))
        assert.deepStrictEqual(claimed.map(({ id }) => id), [first.id, second.id, third.id])
        // A read does not redeliver a delivered request.
        yield* store.get(runtime, first.id)
        assert.deepStrictEqual(yield* store.claim(runtime, wanted(Crowd, 10)), [])
      }),
    60_000
  )
})

describe("a Redis that is out of memory and evicts nothing", () => {
  it.effect("F-28 refuses new requests with a sentence, and completes accepted ones", () =>
    Effect.gen(function*() {
      const { connection, lines, server, store, untilRisk } = yield* scene("noeviction")
      const [answered, limited] = [yield* freshRuntime, yield* freshRuntime]
      const request = yield* ask(store, Shared, answered)
      const late = yield* ask(store, Shared, limited)
      yield* server.tell("CONFIG", "SET", "maxmemory", 1)
      yield* untilRisk((risk) => risk?.startsWith("the memory of Redis is nearly full") === true)

      for (let i = 0; i < 5; i++) {
        const refused = yield* Effect.flip(
          store.create({ kind: Crowd, runtimeId: answered, payload: {}, by: null })
        )
        assert.strictEqual(refused._tag, "StoreUnavailable")
        assert.strictEqual(
          refused._tag === "StoreUnavailable" ? refused.why : "",
          "Redis is out of memory and stores nothing new; raise its maxmemory"
        )
        // A beat is refused too; that does not open the circuit breaker of a server that answers.
        connection.guard.post("Liveness.beat", "beat", () => connection.commands.set("beat", i))
      }
      assert.strictEqual((yield* Effect.flip(connection.takesWrites))._tag, "StoreUnavailable")
      assert.strictEqual((yield* ask(store, Shared, answered)).id, request.id)
      assert.deepStrictEqual((yield* store.claim(answered, wanted(Shared))).map(({ id }) => id), [request.id])
      assert.strictEqual((yield* store.settle(answered, request.id, completed))._tag, "Settled")
      yield* TestClock.adjust(Shared.terms.pending + 1)
      assert.strictEqual(Option.getOrThrow(yield* store.get(limited, late.id)).state._tag, "TimedOut")

      yield* server.tell("CONFIG", "SET", "maxmemory", 0)
      yield* connection.takesWrites
      yield* ask(store, Crowd, answered)
      const said = yield* Queue.takeAll(lines)
      assert.strictEqual(said.filter((line) => line.startsWith("Redis is out of memory")).length, 1)
      assert.isEmpty(said.filter((line) => line.startsWith("Redis does not answer")))
    }), 60_000)
})

describe("a Redis user who may run neither INFO nor CONFIG", () => {
  it.effect(
    "F-28 the store works, and the log reports once that the memory cannot be checked",
    () =>
      Effect.gen(function*() {
        const server = yield* makeRedisServer(["maxmemory-policy allkeys-lru", "maxmemory 100mb"])
        yield* server.tell("ACL", "SETUSER", "muster", "on", ">word", "~*", "&*", "+@all", "-info", "-config")
        const { connection, lines, store } = yield* watching(`redis://muster:word@127.0.0.1:${server.port}`)
        const looks = () =>
          Effect.map(
            server.tell("INFO", "commandstats"),
            (info) => Number(/cmdstat_config\|get:.*rejected_calls=(\d+)/.exec(info)?.[1] ?? 0)
          )
        yield* onMachineClock(
          Effect.repeat(looks(), { until: (count) => count > 3, schedule: Schedule.spaced("10 millis") })
        )
        yield* ask(store, Crowd, yield* freshRuntime)
        assert.isUndefined(yield* connection.risk)
        const said = yield* Queue.takeAll(lines)
        assert.strictEqual(said.filter((line) => line.startsWith("cannot check the memory of Redis")).length, 1)
      }),
    60_000
  )

  it.effect("F-28 CONFIG alone is enough", () =>
    Effect.gen(function*() {
      const server = yield* makeRedisServer(["maxmemory-policy allkeys-lru", "maxmemory 100mb"])
      yield* server.tell("ACL", "SETUSER", "muster", "on", ">word", "~*", "&*", "+@all", "-info")
      const { connection } = yield* watching(`redis://muster:word@127.0.0.1:${server.port}`)
      assert.match((yield* connection.risk)!, /^Redis may evict accepted requests.*allkeys-lru/)
    }), 60_000)
})
