import { WakeRedis } from "@muster/store-redis"
import { wakeNode, wakeSuite } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { mode, nodesOf, redisBackend } from "./Backend.ts"

for (const name of mode) {
  const { behindLines } = redisBackend(name)
  wakeSuite({
    name,
    nodes: Effect.gen(function*() {
      const { client, connection, lines, prefix } = yield* behindLines
      const node = wakeNode(Layer.provide(WakeRedis.layer, connection))
      return {
        a: yield* node,
        b: yield* node,
        topics: Effect.promise(async () => {
          const channels = await Promise.all(nodesOf(client).map((node) => node.pubsub("CHANNELS", `${prefix}*`)))
          return new Set(channels.flat()).size
        }),
        outage: Effect.forEach(lines, ({ cut }) => cut, { discard: true })
      }
    })
  })
}
