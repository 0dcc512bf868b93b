import type { Store } from "@muster/domain"
import { Duration, Effect, Schedule } from "effect"

/** How often what open connections depend on is checked. With the store's deadline of 6 s, an end is noticed within 10 s. */
const lookEvery = Duration.seconds(3)

/** How many keys one query checks; more keys take several queries. */
const batch = 5_000

export interface EndWatch<K> {
  /** Returns when the key has ended, at most 10 s late. */
  readonly end: (key: K) => Effect.Effect<void>
  /** Calls `onEnd` when the key has ended, at most 10 s late. It must not throw. Returns what forgets it. */
  readonly watch: (key: K, onEnd: () => void) => () => void
}

/**
 * Watches keys until they end. Makes one query per 3 s for all keys that are watched, and none while there are none. A store
 * that is unavailable ends no key. `what` names the keys for the log.
 */
export const makeEndWatch = Effect.fnUntraced(function*<K>(options: {
  readonly what: string
  /** Those of these keys that have ended. */
  readonly look: (keys: ReadonlyArray<K>) => Effect.Effect<ReadonlyArray<K>, Store.StoreUnavailable>
}) {
  const watched = new Map<K, Set<() => void>>()

  const watch = (key: K, onEnd: () => void) => {
    const users = watched.get(key) ?? new Set()
    watched.set(key, users.add(onEnd))
    return () => {
      users.delete(onEnd)
      if (users.size === 0 && watched.get(key) === users) watched.delete(key)
    }
  }

  const look = Effect.fnUntraced(
    function*(keys: ReadonlyArray<K>) {
      for (const key of yield* options.look(keys)) {
        const users = watched.get(key) ?? []
        watched.delete(key)
        for (const onEnd of users) onEnd()
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

  const end = (key: K) =>
    Effect.callback<void>((resume) => {
      const forget = watch(key, () => resume(Effect.void))
      return Effect.sync(forget)
    })
  return { end, watch } satisfies EndWatch<K>
})
