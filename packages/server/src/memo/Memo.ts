import { Cache, Duration, Effect, Schedule } from "effect"

/** A cache of a store's answers, for what every beat reads. */
interface Memo<K, A, E> {
  /** The cached answer; undefined if there is none. */
  readonly peek: (key: K) => A | undefined
  /** The cached answer, or the store's. Concurrent callers share one query. */
  readonly get: (key: K) => Effect.Effect<A, E>
  readonly forget: (key: K) => Effect.Effect<void>
}

/** How many answers are cached; above that the oldest half is dropped early. */
const capacity = 100_000

/**
 * Caches answers that pass `keep` for at least half of `maxAge` and at most `maxAge`. Two generations are swapped by a
 * timer, so that a hit costs one map lookup: no clock, no allocation. Faults are never cached.
 */
export const makeMemo = Effect.fnUntraced(function*<K, A, E>(options: {
  readonly lookup: (key: K) => Effect.Effect<A, E>
  readonly keep: (answer: A) => boolean
  readonly maxAge: Duration.Duration
}) {
  let young = new Map<K, A>()
  let old = young
  const age = () => {
    old = young
    young = new Map()
  }
  // Holds nothing: it only lets concurrent callers share one query.
  const asking = yield* Cache.makeWith(options.lookup, { capacity, timeToLive: () => Duration.zero })

  const peek = (key: K) => young.get(key) ?? old.get(key)
  /** Counts calls of `forget`: an answer that was being read during one may be outdated, so it is not cached. */
  let forgotten = 0
  const ask = (key: K) =>
    Effect.suspend(() => {
      const asked = forgotten
      return Effect.tap(Cache.get(asking, key), (answer) =>
        Effect.sync(() => {
          if (asked !== forgotten || !options.keep(answer)) return
          if (young.size >= capacity / 2) age()
          young.set(key, answer)
        }))
    })

  yield* Effect.sync(age).pipe(
    Effect.schedule(Schedule.spaced(Duration.divideUnsafe(options.maxAge, 2))),
    Effect.forkScoped
  )
  const memo: Memo<K, A, E> = {
    peek,
    get: (key) => {
      const kept = peek(key)
      return kept === undefined ? ask(key) : Effect.succeed(kept)
    },
    forget: (key) =>
      Effect.andThen(
        Cache.invalidate(asking, key),
        Effect.sync(() => {
          forgotten++
          young.delete(key)
          old.delete(key)
        })
      )
  }
  return memo
})
