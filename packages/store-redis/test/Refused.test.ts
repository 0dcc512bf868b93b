import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { RedisConnection, WakeRedis } from "@muster/store-redis"
import { wakeNode } from "@muster/store-suite"
import { Effect, Layer, Logger, Queue, Redacted } from "effect"
import { freshRuntime, ownServer, replica } from "./Scene.ts"

describe("a Redis user who may not use channels, as new ones may not", () => {
  it.effect(
    "is told so, once for each of the two that fail, and once more when it is mended",
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
        const hint = Wake.topic.runtime(yield* freshRuntime)
        const said = (pattern: RegExp) => Effect.map(Queue.take(lines), (line) => assert.match(line, pattern))

        yield* Effect.scoped(wake.subscribe([hint]))
        yield* said(/^Redis refuses to subscribe to hints.*NOPERM/)
        for (let i = 0; i < 3; i++) yield* wake.publish(hint)
        yield* said(/^Redis refuses to publish hints.*NOPERM/)

        yield* acl("allchannels")
        const queue = yield* wake.subscribe([hint])
        yield* said(/^Redis no longer refuses to subscribe to hints$/)
        yield* wake.publish(hint)
        assert.strictEqual(yield* Queue.take(queue), hint)
        yield* said(/^Redis no longer refuses to publish hints$/)
        assert.strictEqual(yield* Queue.size(lines), 0)
      }),
    60_000
  )
})
