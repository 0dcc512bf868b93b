import { layer } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { Runtime, Uuid, Wake } from "@muster/domain"
import { PostgresClient } from "@muster/store-postgres"
import { freshDatabaseOn, lineToUrl, PostgresServer, wakeNode } from "@muster/store-suite"
import { Context, Effect, Layer, Logger, Queue, type Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Listeners } from "../../src/wake/Listeners.ts"
import { type WakeOptions, WakePostgres } from "../../src/wake/WakePostgres.ts"

/** A node, and what it logs, line by line. */
const nodeOn = Effect.fnUntraced(function*(url: Redacted.Redacted, options?: WakeOptions) {
  const lines = yield* Queue.unbounded<unknown>()
  const client = Layer.orDie(PostgresClient.layer({ url, maxConnections: 3 }))
  const logger = Logger.layer([Logger.make(({ message }) => void Queue.offerUnsafe(lines, message))])
  const node = yield* wakeNode(
    WakePostgres.layerOn(new Listeners(), options).pipe(Layer.provide(client), Layer.provide(logger))
  )
  const sql = Context.get(yield* Layer.build(client), SqlClient.SqlClient)
  return {
    node,
    roundTrip: Effect.ignore(sql`SELECT 1`),
    line: Effect.map(Queue.take(lines), (message) => Array.isArray(message) ? message[0] : message)
  }
})

type Node = Effect.Success<ReturnType<typeof nodeOn>>

const lost = "hints of other replicas are not heard"
const found = "hints of other replicas are heard again"

/** Says so again and again, each time after a round trip, until it is heard: one that was lost costs nothing but another. */
const untilHeard = (from: Node, hint: Wake.Topic, queue: Queue.Dequeue<Wake.Topic>) => {
  const hints = Effect.forever(Effect.andThen(from.node.publish(hint), from.roundTrip))
  return Effect.raceFirst(Queue.take(queue), hints)
}

const someTopic = Effect.map(Uuid.random, (id) => Wake.topic.runtime(Runtime.RuntimeId.make(id)))

layer(PostgresServer.layer, { timeout: "60 seconds" })("a listener", (it) => {
  for (const end of ["restart", "kill"] as const) {
    it.effect(`hears again after a ${end} of the server, and says so once`, () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const url = yield* freshDatabaseOn(server.url)
        const [a, b] = [yield* nodeOn(url), yield* nodeOn(url)]
        const hint = yield* someTopic
        const queue = yield* b.node.subscribe([hint])
        yield* a.node.publish(hint)
        strictEqual(yield* Queue.take(queue), hint)
        yield* server[end]
        for (const { line } of [a, b]) strictEqual(yield* line, lost)
        // Into nothing: lost, and no failure.
        yield* a.node.publish(hint)
        yield* server.start
        for (const { line } of [a, b]) strictEqual(yield* line, found)
        strictEqual(yield* untilHeard(a, hint, queue), hint)
      }), 60_000)
  }

  it.effect(
    "finds out that nothing comes through any more, and hears again on another connection",
    () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const url = yield* freshDatabaseOn(server.url)
        const line = yield* lineToUrl(url)
        const a = yield* nodeOn(url)
        const b = yield* nodeOn(line.url, { check: "1 second" })
        const hint = yield* someTopic
        const queue = yield* b.node.subscribe([hint])
        yield* line.stall
        strictEqual(yield* b.line, lost)
        yield* line.mend
        strictEqual(yield* b.line, found)
        // On a busy machine an echo may be late, and this connection given up as well.
        strictEqual(yield* untilHeard(a, hint, queue), hint)
      }),
    60_000
  )
})
