import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { RedisConnection, WakeRedis } from "@muster/store-redis"
import { wakeNode } from "@muster/store-suite"
import { Effect, Layer, Logger, Queue, Redacted } from "effect"
import { freshRuntime, ownServer, replica } from "./Scene.ts"

describe("a Redis user who may not use channels, as new ones may not", () => {
  it.effect(
    "logs each of the two refusals once, and once more when it ends",
    () =>
      Effect.gen(function*() {
        const server = yield* ownServer
        const { commands } = (yield* replica(server.url)).connection
        const acl = (...rules: ReadonlyArray<string>) =>
          Effect.promise(() => commands.acl("SETUSER", "muster", "on", ">word", "~*", "+@all", ...rules))
        yield* acl("resetchannels")
        const lines = yield* Queue.unbounded<string>()
        const logger = Logger.layer([Logger.make(({ message }) => void Queue.offerUnsafe(lines, String(message)))])
        const url = Redacted.make(server.url.replace("//", "//muster:word@"))
        const wake = yield* wakeNode(
          WakeRedis.layer.pipe(Layer.provide(RedisConnection.layer({ url })), Layer.provide(logger))
        )
        const topic = Wake.topic.runtime(yield* freshRuntime)
        const said = (pattern: RegExp) => Effect.map(Queue.take(lines), (line) => assert.match(line, pattern))

        yield* Effect.scoped(wake.subscribe([topic]))
        yield* said(/^Redis refuses to subscribe to wakes.*NOPERM/)
        for (let i = 0; i < 3; i++) yield* wake.publish(topic)
        yield* said(/^Redis refuses to publish wakes.*NOPERM/)

        yield* acl("allchannels")
        const queue = yield* wake.subscribe([topic])
        yield* said(/^Redis no longer refuses to subscribe to wakes$/)
        yield* wake.publish(topic)
        assert.strictEqual(yield* Queue.take(queue), topic)
        yield* said(/^Redis no longer refuses to publish wakes$/)
        assert.strictEqual(yield* Queue.size(lines), 0)
      }),
    60_000
  )
})
