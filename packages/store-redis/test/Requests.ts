import { RequestStoreRedis } from "@muster/store-redis"
import { requestNode, type RequestStoreBackend } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { keysOf, lastingKeys, type redisBackend } from "./Backend.ts"

type Backend = ReturnType<typeof redisBackend>

/** The request store on this backend, as the suites need it. */
export const requestsOn = ({ behindLines, name }: Backend): RequestStoreBackend => ({
  name,
  nodes: Effect.gen(function*() {
    const { client, connection, lines, prefix } = yield* behindLines
    const node = requestNode(Layer.provide(RequestStoreRedis.layer, connection))
    return {
      a: yield* node,
      b: yield* node,
      held: Effect.map(lastingKeys(client, prefix), (keys) => keys.length),
      outage: Effect.forEach(lines, ({ cut }) => cut, { discard: true }),
      lose: (id) =>
        Effect.flatMap(
          keysOf(client, prefix),
          (keys) => Effect.promise(() => client.del(keys.find((key) => key.endsWith(`:id:${id}`)) ?? ""))
        )
    }
  })
})

/** The same without lines, which only take time if a test does not cut them. */
export const quickRequestsOn = ({ fresh, name }: Backend): RequestStoreBackend => ({
  name,
  nodes: Effect.gen(function*() {
    const node = requestNode(Layer.provide(RequestStoreRedis.layer, (yield* fresh).connection))
    return { a: yield* node, b: yield* node, held: Effect.succeed(0), outage: Effect.die("no line to cut") }
  })
})
