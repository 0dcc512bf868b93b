import { Array, Cache, Duration, Effect, FiberHandle, Schedule } from "effect"

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

/** How many keys one query of `renewal` has: the embedded database blocks this process for about 40 µs per row. */
const maxRenewed = 200

/** A cached answer, and the number of the generation in which it was last used. */
interface Cached<A> {
  readonly answer: A
  used: number
}

interface Options<K, A, E> {
  readonly lookup: (key: K) => Effect.Effect<A, E>
  readonly keep: (answer: A) => boolean
  readonly maxAge: Duration.Duration
  /**
   * Reads many answers at once; a key without one is left out. With it, each half of `maxAge` the answers that were used
   * within `usedWithin` are read again before they are dropped. So what is read regularly is never missing, though no
   * answer is older than `maxAge`.
   */
  readonly renewal?: {
    readonly lookup: (keys: ReadonlyArray<K>) => Effect.Effect<ReadonlyArray<readonly [K, A]>, unknown>
    readonly usedWithin: Duration.Duration
  }
}

/**
 * Caches answers that pass `keep` for at least half of `maxAge` and at most `maxAge`. Two generations are swapped by a
 * timer, so that a hit costs one or two map lookups: no clock, no allocation. Faults are never cached.
 */
export const makeMemo = Effect.fnUntraced(function*<K, A, E>(options: Options<K, A, E>) {
  let young = new Map<K, Cached<A>>()
  let old = young
  let generation = 0
  const age = () => {
    generation++
    old = young
    young = new Map()
  }
  const put = (key: K, cached: Cached<A>) => {
    if (!options.keep(cached.answer)) return
    if (young.size >= capacity / 2) age()
    young.set(key, cached)
  }
  // Holds nothing: it only lets concurrent callers share one query.
  const asking = yield* Cache.makeWith(options.lookup, { capacity, timeToLive: () => Duration.zero })

  const peek = (key: K) => {
    const cached = young.get(key) ?? old.get(key)
    if (cached === undefined) return undefined
    cached.used = generation
    return cached.answer
  }
  /** Counts calls of `forget`: an answer that was being read during one may be outdated, so it is not cached. */
  let forgotten = 0
  const ask = (key: K) =>
    Effect.suspend(() => {
      const asked = forgotten
      return Effect.tap(Cache.get(asking, key), (answer) =>
        Effect.sync(() => {
          if (asked === forgotten) put(key, { answer, used: generation })
        }))
    })

  const half = Duration.divideUnsafe(options.maxAge, 2)

  /** Reads again what will be dropped next and was used lately. What was read or forgotten meanwhile stays so. */
  const renew = Effect.fnUntraced(function*(renewal: NonNullable<typeof options.renewal>) {
    const before = old
    const since = generation - Math.ceil(Duration.toMillis(renewal.usedWithin) / Duration.toMillis(half))
    const keys = [...before].flatMap(([key, { used }]) => used >= since && !young.has(key) ? [key] : [])
    yield* Effect.forEach(Array.chunksOf(keys, maxRenewed), (part) =>
      Effect.map(renewal.lookup(part), (answers) => {
        for (const [key, answer] of answers) {
          const cached = before.get(key)
          if (before === old && cached !== undefined && !young.has(key)) put(key, { answer, used: cached.used })
        }
      }), { discard: true })
  }, (renewed) => Effect.ignore(renewed))

  // A slow renewal must not delay the timer: it would make answers older than `maxAge`.
  const renewing = yield* FiberHandle.make()
  const turn = Effect.sync(age).pipe(
    Effect.andThen(options.renewal === undefined ? Effect.void : FiberHandle.run(renewing, renew(options.renewal)))
  )
  yield* turn.pipe(Effect.schedule(Schedule.spaced(half)), Effect.forkScoped)
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
