import { Effect, FiberMap, Stream } from "effect"

/**
 * One fiber per key for as long as the key is there: started when it appears, interrupted when it leaves. A key that
 * stays keeps its fiber.
 */
export const followKeys = Effect.fnUntraced(function*<K, R>(
  keys: Stream.Stream<Iterable<K>>,
  run: (key: K) => Effect.Effect<never, never, R>
) {
  const fibers = yield* FiberMap.make<K, never>()
  yield* Stream.runForEach(
    keys,
    Effect.fnUntraced(function*(present) {
      const wanted = new Set(present)
      const leaving = [...fibers].map(([key]) => key).filter((key) => !wanted.has(key))
      yield* Effect.forEach(leaving, (key) => FiberMap.remove(fibers, key), { concurrency: "unbounded", discard: true })
      for (const key of wanted) yield* FiberMap.run(fibers, key, run(key), { onlyIfMissing: true })
    })
  )
}, Effect.scoped)
