import { assert, describe, it } from "@effect/vitest"
import { type Runtime, Wake } from "@muster/domain"
import { RedisConnection, WakeRedis } from "@muster/store-redis"
import { RedisCluster, wakeNode } from "@muster/store-suite"
import slotOf from "cluster-key-slot"
import { Effect, Exit, Layer, Queue } from "effect"
import { built } from "./Backend.ts"
import { Shared } from "./Kinds.ts"
import { ask, freshRuntime, replica, untilItAnswers, wanted } from "./Scene.ts"

/** Runtimes of the first node (of three with a third of the slots each), and of the others. */
const runtimesByNode = Effect.map(
  Effect.all(Array.from({ length: 24 }, () => freshRuntime)),
  (all) => Object.groupBy(all, (id) => slotOf(id) < 16_384 / 3 ? "first" : "others")
)

describe("a Redis Cluster that loses a node", () => {
  it.effect(
    "serves the runtimes of the others, with wakes, and those of that node when it is back",
    () =>
      Effect.gen(function*() {
        const cluster = yield* built(RedisCluster, RedisCluster.layer)
        const { store } = yield* replica(cluster.url)
        const { first = [], others = [] } = yield* runtimesByNode
        const each = <A, E>(
          ids: ReadonlyArray<Runtime.RuntimeId>,
          run: (id: Runtime.RuntimeId) => Effect.Effect<A, E>
        ) => Effect.forEach(ids, run)
        yield* each([...first, ...others], (id) => ask(store, Shared, id))

        const { connection } = yield* replica(cluster.url)
        const wake = yield* wakeNode(Layer.provide(WakeRedis.layer, Layer.succeed(RedisConnection, connection)))
        const topic = Wake.topic.runtime(others[0]!)
        const queue = yield* wake.subscribe([topic])
        yield* wake.publish(topic)
        assert.strictEqual(yield* Queue.take(queue), topic)

        yield* cluster.nodes[0]!.kill
        for (let round = 0; round < 3; round++) {
          const dead = yield* each(first, (id) => Effect.exit(store.waiting(id)))
          assert.isTrue(dead.every(Exit.isFailure))
          assert.deepStrictEqual(yield* each(others, store.waiting), others.map(() => [Shared.name]))
        }

        // Its wake connections led to that node: they lead to another one now. A lost wake costs one more.
        const wakes = Effect.forever(Effect.andThen(wake.publish(topic), Effect.ignore(store.waiting(others[0]!))))
        assert.strictEqual(yield* Effect.raceFirst(Queue.take(queue), wakes), topic)

        yield* cluster.nodes[0]!.start
        yield* cluster.whole
        for (const id of first) {
          assert.deepStrictEqual(yield* untilItAnswers(store.waiting(id)), [Shared.name])
          assert.strictEqual((yield* store.claim(id, wanted(Shared))).length, 1)
        }
        assert.deepStrictEqual(yield* each(others, store.waiting), others.map(() => [Shared.name]))
      }),
    60_000
  )
})
