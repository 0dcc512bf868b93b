import { layer } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { Runtime, Uuid, Wake } from "@muster/domain"
import { WakeListeners } from "@muster/store-kit"
import { PostgresClient } from "@muster/store-postgres"
import { freshDatabaseOn, lineToUrl, PostgresServer, wakeNode } from "@muster/store-suite"
import { Context, Effect, Layer, Logger, Queue, type Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { type WakeOptions, WakePostgres } from "../../src/wake/WakePostgres.ts"

/** A node and its log, line by line. */
const nodeOn = Effect.fnUntraced(function*(url: Redacted.Redacted, options?: WakeOptions) {
  const lines = yield* Queue.unbounded<unknown>()
  const client = Layer.orDie(PostgresClient.layer({ url, maxConnections: 3 }))
  const logger = Logger.layer([Logger.make(({ message }) => void Queue.offerUnsafe(lines, message))])
  const node = yield* wakeNode(
    WakePostgres.layerOn(new WakeListeners(), options).pipe(Layer.provide(client), Layer.provide(logger))
  )
  const sql = Context.get(yield* Layer.build(client), SqlClient.SqlClient)
  return {
    node,
    roundTrip: Effect.ignore(sql`SELECT 1`),
    line: Effect.map(Queue.take(lines), (message) => Array.isArray(message) ? message[0] : message)
  }
})

type Node = Effect.Success<ReturnType<typeof nodeOn>>

const lost = "not receiving wakes from other replicas"
const found = "receiving wakes from other replicas again"

/** Publishes repeatedly, each time after a round trip, until a wake arrives: a lost one costs one more. */
const untilHeard = (from: Node, topic: Wake.Topic, queue: Queue.Dequeue<Wake.Topic>) => {
  const wakes = Effect.forever(Effect.andThen(from.node.publish(topic), from.roundTrip))
  return Effect.raceFirst(Queue.take(queue), wakes)
}

const someTopic = Effect.map(Uuid.random, (id) => Wake.topic.runtime(Runtime.RuntimeId.make(id)))

layer(PostgresServer.layer, { timeout: "60 seconds" })("a listener", (it) => {
  for (const end of ["restart", "kill"] as const) {
    it.effect(`receives again after a ${end} of the server, and logs it once`, () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const url = yield* freshDatabaseOn(server.url)
        const [a, b] = [yield* nodeOn(url), yield* nodeOn(url)]
        const topic = yield* someTopic
        const queue = yield* b.node.subscribe([topic])
        yield* a.node.publish(topic)
        strictEqual(yield* Queue.take(queue), topic)
        yield* server[end]
        for (const { line } of [a, b]) strictEqual(yield* line, lost)
        // Without a connection: the wake is lost, without a failure.
        yield* a.node.publish(topic)
        yield* server.start
        for (const { line } of [a, b]) strictEqual(yield* line, found)
        strictEqual(yield* untilHeard(a, topic, queue), topic)
      }), 60_000)
  }

  it.effect(
    "detects that nothing arrives any more, and receives again on another connection",
    () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const url = yield* freshDatabaseOn(server.url)
        const line = yield* lineToUrl(url)
        const a = yield* nodeOn(url)
        const b = yield* nodeOn(line.url, { check: "1 second" })
        const topic = yield* someTopic
        const queue = yield* b.node.subscribe([topic])
        yield* line.stall
        strictEqual(yield* b.line, lost)
        yield* line.mend
        strictEqual(yield* b.line, found)
        // On a busy machine an echo may be late, and this connection dropped as well.
        strictEqual(yield* untilHeard(a, topic, queue), topic)
      }),
    60_000
  )
})
