import type { Store } from "@muster/domain"
import { Deferred, Duration, Effect, Schedule } from "effect"

/** How often what open connections depend on is checked. With the store's deadline of 6 s, an end is noticed within 10 s. */
const lookEvery = Duration.seconds(3)

/** How many keys one query checks; more keys take several queries. */
const batch = 5_000

/**
 * Returns an effect for a key that returns when the key has ended, at most 10 s late. Makes one query per 3 s for all keys
 * that are awaited, and none while there are none. A store that is unavailable ends no key. `what` names the keys for the
 * log.
 */
export const makeEndWatch = Effect.fnUntraced(function*<K>(options: {
  readonly what: string
  /** Those of these keys that have ended. */
  readonly look: (keys: ReadonlyArray<K>) => Effect.Effect<ReadonlyArray<K>, Store.StoreUnavailable>
}) {
  const watched = new Map<K, { readonly ended: Deferred.Deferred<void>; users: number }>()

  const enter = (key: K) =>
    Effect.sync(() => {
      const one = watched.get(key) ?? { ended: Deferred.makeUnsafe<void>(), users: 0 }
      one.users++
      watched.set(key, one)
      return one
    })

  const look = Effect.fnUntraced(
    function*(keys: ReadonlyArray<K>) {
      for (const key of yield* options.look(keys)) {
        const one = watched.get(key)
        if (one !== undefined) yield* Deferred.succeed(one.ended, undefined)
      }
    },
    Effect.catch((error) =>
      Effect.logDebug(`cannot check the ${options.what} of open connections, trying again in 3 s`, error)
    )
  )

  const lookAll = Effect.suspend(() => {
    const keys = [...watched.keys()]
    const batches = Array.from(
      { length: Math.ceil(keys.length / batch) },
      (_, n) => keys.slice(n * batch, (n + 1) * batch)
    )
    return Effect.forEach(batches, look, { concurrency: "unbounded", discard: true })
  })
  yield* lookAll.pipe(Effect.schedule(Schedule.spaced(lookEvery)), Effect.forkScoped)

  return (key: K): Effect.Effect<void> =>
    Effect.acquireUseRelease(
      enter(key),
      ({ ended }) => Deferred.await(ended),
      (one) =>
        Effect.sync(() => {
          if (--one.users === 0 && watched.get(key) === one) watched.delete(key)
        })
    )
})
