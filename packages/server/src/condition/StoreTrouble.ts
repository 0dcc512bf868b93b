import { Conditions, type StoreUnavailable } from "@muster/domain"
import { Effect } from "effect"

/** The condition that any of the stores cannot answer. */
export const storesDown = "stores"

/** A store as people know it. */
export type StoreName = "requests" | "liveness" | "runtimes" | "access"

/**
 * One condition for all stores: they fail together, and whoever asks them fails too. It ends when each store that failed
 * has answered again.
 */
export const makeStoreTrouble = Effect.gen(function*() {
  const conditions = yield* Conditions
  const failing = new Set<StoreName>()

  const failed = (store: StoreName, error: StoreUnavailable) => {
    failing.add(store)
    return conditions.begin(storesDown, `a store does not answer (${[...failing].join(", ")}): ${error.message}`)
  }

  const answered = (store: StoreName) =>
    Effect.suspend(() =>
      failing.delete(store) && failing.size === 0
        ? conditions.end(storesDown, "the stores answer again")
        : Effect.void
    )

  return { failed, answered, isFailing: () => failing.size > 0 }
})
