import { layer } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Kinds, Runtime, type Store, Uuid, Wake } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { WakeListeners } from "@muster/store-kit"
import { Migrations, PostgresClient, RequestStorePostgres, WakePostgres } from "@muster/store-postgres"
import { makePostgresPair, requestNode, storeNode, wakeNode } from "@muster/store-suite"
import { Clock, Context, Effect, Layer, Option, Queue, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { stores } from "./Stores.ts"

class Pair extends Context.Service<Pair, Effect.Success<typeof makePostgresPair>>()("test/Pair") {
  static readonly layer = Layer.effect(this, makePostgresPair)
}

const clock = Clock.Clock.defaultValue()

/** A node with the address of the pair. */
const scene = Effect.gen(function*() {
  const pair = yield* Pair
  const client = yield* Layer.build(PostgresClient.layer({ url: pair.url, maxConnections: 4 }))
  const node = yield* storeNode(
    stores.pipe(Layer.provideMerge(Migrations.layer), Layer.provide(Layer.succeedContext(client)))
  )
  const sql = Context.get(client, SqlClient.SqlClient)
  const read = Effect.orDie(sql`SELECT 1`)
  let people = 0
  const write = Effect.suspend(() => node.access.ensureUser(`${people++}@example.org`, "Ada"))
  return { ...pair, client, write, all: Effect.all([read, read, read, read], { concurrency: "unbounded" }) }
})

const wakeOn = (client: Effect.Success<typeof scene>["client"]) =>
  wakeNode(WakePostgres.layerOn(new WakeListeners()).pipe(Layer.provide(Layer.succeedContext(client))))

/** Three requests, acknowledged as asked, claimed and settled, and their state later. */
const threeRequests = Effect.fnUntraced(function*(client: Effect.Success<typeof scene>["client"]) {
  const node = yield* requestNode(Layer.provide(RequestStorePostgres.layer, Layer.succeedContext(client)))
  const ask = Effect.fnUntraced(function*() {
    const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
    return (yield* node.create({ kind: Kinds.Update, runtimeId, payload: {}, by: null })).request
  })
  const requests = [yield* ask(), yield* ask(), yield* ask()] as const
  for (const { runtimeId } of requests.slice(1)) yield* node.claim(runtimeId, [{ kind: Kinds.Update.name, max: 1 }])
  yield* node.settle(requests[2].runtimeId, requests[2].id, { _tag: "Completed", result: {} })
  return Effect.forEach(
    requests,
    ({ id, runtimeId }) => Effect.map(node.get(runtimeId, id), (found) => Option.getOrUndefined(found)?.state._tag)
  )
})

const timed = Effect.fnUntraced(function*<A, E, R>(what: string, effect: Effect.Effect<A, E, R>) {
  const since = clock.currentTimeMillisUnsafe()
  yield* effect
  const took = clock.currentTimeMillisUnsafe() - since
  process.stdout.write(`F-02 PostgreSQL, ${what} after ${took} ms\n`)
  assertTrue(took < 10_000, `${took} ms`)
})

const untilDone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  onMachineClock(Effect.retry(effect, Schedule.spaced("100 millis")))

const healed = <E, R>(write: Effect.Effect<unknown, E, R>) => timed("writes again", untilDone(write))

const reasonOf = (write: Effect.Effect<unknown, Store.StoreUnavailable>) =>
  Effect.map(Effect.flip(write), ({ why }) => why)

const noWrites = "the database accepts no writes (is a failover under way?)"

layer(Pair.layer, { timeout: "120 seconds" })("a failover of PostgreSQL", (it) => {
  it.effect(
    "F-02 a pool that connected to a standby leaves it when the address leads to the primary again",
    () =>
      Effect.gen(function*() {
        const { all, line, switchTo, write } = yield* scene
        yield* write
        yield* line.cut
        yield* switchTo("standby")
        yield* line.mend
        strictEqual(yield* reasonOf(Effect.retry(write, { while: ({ why }) => why !== noWrites })), noWrites)
        strictEqual(yield* reasonOf(write), noWrites)
        // No connection of the pool remains there, and the address leads to the primary without an error.
        yield* Effect.exit(all)
        yield* switchTo("primary")
        yield* healed(write)
      }),
    60_000
  )

  it.effect(
    "F-02 a host that vanished silently fails only the calls in flight",
    () =>
      Effect.gen(function*() {
        const { all, line, write } = yield* scene
        yield* all
        yield* line.strand
        // As many calls as there are connections.
        const calls = Effect.all(Array.from({ length: 4 }, () => Effect.flip(write)), { concurrency: "unbounded" })
        yield* timed("writes of a pool that was stranded", Effect.andThen(calls, untilDone(write)))
        // The cancelled statements are still on the line; without it the connections could not be closed in time.
        yield* line.cut
        yield* line.mend
      }),
    60_000
  )

  it.effect(
    "F-02 F-34 a pool leaves a demoted primary for the promoted one, which has every request",
    () =>
      Effect.gen(function*() {
        const { all, client, fence, promote, standby, switchTo, write } = yield* scene
        const near = yield* wakeOn(client)
        const about = Wake.topic.runtime(Runtime.RuntimeId.make(yield* Uuid.random))
        const wakes = yield* near.subscribe([about])
        yield* all
        yield* write
        const requests = yield* threeRequests(client)
        yield* fence
        yield* promote
        yield* switchTo("standby")
        yield* healed(write)
        deepStrictEqual(yield* requests, ["Pending", "Running", "Completed"])

        const promoted = yield* Layer.build(
          PostgresClient.layer({ url: Redacted.make(standby.url), maxConnections: 2 })
        )
        const far = yield* wakeOn(promoted)
        const roundTrip = Effect.ignore(Context.get(promoted, SqlClient.SqlClient)`SELECT 1`)
        const calling = Effect.forever(Effect.andThen(far.publish(about), roundTrip))
        yield* timed("wakes arrive", Effect.raceFirst(Queue.take(wakes), calling))
      }),
    60_000
  )
})
