import { layer } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { randomUuid, RuntimeId, topic } from "@muster/domain"
import { PostgresClient } from "@muster/store-postgres"
import { freshDatabaseOn, lineToUrl, PostgresServer, wakeNode } from "@muster/store-suite"
import { Effect, Layer, Logger, Queue, type Redacted } from "effect"
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
  return { node, line: Effect.map(Queue.take(lines), (message) => Array.isArray(message) ? message[0] : message) }
})

const lost = "hints of other replicas are not heard"
const found = "hints of other replicas are heard again"

const someTopic = Effect.map(randomUuid, (id) => topic.runtime(RuntimeId.make(id)))

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
        yield* a.node.publish(hint)
        strictEqual(yield* Queue.take(queue), hint)
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
        yield* a.node.publish(hint)
        strictEqual(yield* Queue.take(queue), hint)
      }),
    60_000
  )
})
