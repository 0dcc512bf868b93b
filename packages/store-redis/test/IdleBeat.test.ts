import { assert, describe, it } from "@effect/vitest"
import { Liveness, RequestStore } from "@muster/domain"
import { LivenessRedis, RequestStoreRedis } from "@muster/store-redis"
import { Context, Effect, Layer } from "effect"
import { mode, redisBackend } from "./Backend.ts"
import { registryInMemory } from "./Registry.ts"
import { freshRuntime } from "./Scene.ts"

const beats = 200

for (const name of mode) {
  const { behindLines } = redisBackend(name)
  /** One replica's stores, connected and warm, and their commands. */
  const scene = Effect.gen(function*() {
    const { connection, lines } = yield* behindLines
    const context = yield* Layer.build(
      Layer.mergeAll(RequestStoreRedis.layer, LivenessRedis.layer).pipe(
        Layer.provide(connection),
        Layer.provide(registryInMemory)
      )
    )
    const [store, liveness] = [Context.get(context, RequestStore.RequestStore), Context.get(context, Liveness.Liveness)]
    const beat = Effect.flatMap(
      freshRuntime,
      (id) => Effect.andThen(liveness.beat({ id, status: "online", lastSeenAt: 0 }), store.waiting(id))
    )
    for (let warm = 0; warm < 30; warm++) yield* beat
    const turns = () => lines.reduce((sum, line) => sum + line.turns(), 0)
    return { beat, turns }
  })

  describe(`an idle beat · ${name}`, () => {
    it.effect("costs at most one round trip, including the recording of the beat", () =>
      Effect.gen(function*() {
        const { beat, turns } = yield* scene
        const before = turns()
        for (let i = 0; i < beats; i++) yield* beat
        assert.isAtMost((turns() - before) / beats, 1)
      }))

    it.effect("shares its round trip with concurrent beats", () =>
      Effect.gen(function*() {
        const { beat, turns } = yield* scene
        const before = turns()
        yield* Effect.all(Array.from({ length: beats }, () => beat), { concurrency: "unbounded" })
        assert.isAtMost(turns() - before, beats / 4)
      }))
  })
}
