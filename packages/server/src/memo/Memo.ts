import { Cache, Duration, Effect, Schedule } from "effect"

/** Answers of a store, kept for a while: for what is asked again and again on the way of every beat. */
export interface Memo<K, A, E> {
  /** A kept answer; undefined where it must be asked for. */
  readonly peek: (key: K) => A | undefined
  /** A kept answer, or the store's. Askers at the same moment share one question. */
  readonly get: (key: K) => Effect.Effect<A, E>
  readonly forget: (key: K) => Effect.Effect<void>
}

/** The most answers that are kept; over it the oldest half goes early. */
const capacity = 100_000

/**
 * Keeps what `keep` allows for longer than half of `maxAge` and no longer than `maxAge`. Two generations change places by
 * a timer, so that a kept answer costs one look into a map: no clock, no allocation. Faults are never kept.
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
  // Nothing stays in it: it only lets askers at the same moment share one question.
  const asking = yield* Cache.makeWith(options.lookup, { capacity, timeToLive: () => Duration.zero })

  const peek = (key: K) => young.get(key) ?? old.get(key)
  /** Counts what was forgotten: an answer that was under way meanwhile may be from before, so it is not kept. */
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
