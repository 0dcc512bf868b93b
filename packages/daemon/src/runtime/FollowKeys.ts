import { Effect, FiberMap, Stream } from "effect"

/** Runs one fiber per key: started when the key appears, interrupted when it disappears. A key that remains keeps its fiber. */
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
