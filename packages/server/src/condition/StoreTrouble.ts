import type { Store } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Context, Effect, Layer } from "effect"

/** The prefix of the keys of all stores' conditions. */
export const anyStore = "store:"

/** The stores behind a server, by the names that people read. */
export const storeNames = [
  "requests",
  "liveness",
  "runtimes",
  "history",
  "access",
  "machines",
  "skills",
  "catalogue",
  "journal",
  "audit",
  "limits",
  "tasks"
] as const
export type StoreName = typeof storeNames[number]

/** A failed operation that did not fail again for this long, in ms, no longer counts: it may no longer be called. */
const lapseAfter = 10 * 60_000

/** How recent a failure must be to be part of `current`, in ms. */
const recent = 60_000

interface Failure {
  readonly at: number
  readonly error: Store.StoreUnavailable
}

const keyOf = (store: StoreName) => `${anyStore}${store}`

const make = Effect.gen(function*() {
  const conditions = yield* Conditions
  /** The operations that failed and have not succeeded since, by store. */
  const failing = new Map<StoreName, Map<string, Failure>>()
  const backendOf = (store: StoreName) => [...failing.get(store)?.values() ?? []].at(-1)?.error.backend

  const failed = Effect.fnUntraced(function*(store: StoreName, operation: string, error: Store.StoreUnavailable) {
    const at = yield* Clock.currentTimeMillis
    const operations = failing.get(store) ?? new Map<string, Failure>()
    operations.delete(operation)
    failing.set(store, operations.set(operation, { at, error }))
    // The line of the store that failed first represents all stores of its backend.
    const first = [...failing.keys()].find((one) => backendOf(one) === error.backend) ?? store
    yield* conditions.begin(keyOf(store), `store unavailable: ${store}: ${error.message}`, {
      lapse: `store has not failed for 10 min: ${store}`,
      ...(first === store ? {} : { because: keyOf(first) })
    })
  })

  const answered = Effect.fnUntraced(function*(store: StoreName, operation: string) {
    const operations = failing.get(store)
    if (operations === undefined || !operations.delete(operation)) return
    const now = yield* Clock.currentTimeMillis
    for (const [name, { at }] of operations) if (now - at >= lapseAfter) operations.delete(name)
    if (operations.size > 0) return
    failing.delete(store)
    yield* conditions.end(keyOf(store), `store available again: ${store}`)
  })

  const current = Effect.map(Clock.currentTimeMillis, (now) =>
    new Map(
      [...failing].flatMap(([store, operations]) => {
        const latest = [...operations.values()].at(-1)
        return latest === undefined || now - latest.at >= recent ? [] : [[store, latest.error] as const]
      })
    ))

  return StoreTrouble.of({ failed, answered, isFailing: (store) => failing.has(store), current })
})

/**
 * Tracks which stores are unavailable. Each store has its own condition: it ends when every failed operation has succeeded
 * again or has not failed for 10 min. Stores of one backend fail together, so one line represents them.
 */
export class StoreTrouble extends Context.Service<StoreTrouble, {
  readonly failed: (store: StoreName, operation: string, error: Store.StoreUnavailable) => Effect.Effect<void>
  readonly answered: (store: StoreName, operation: string) => Effect.Effect<void>
  readonly isFailing: (store: StoreName) => boolean
  /** The latest failure of each store that failed within the last minute and has not succeeded in it since. */
  readonly current: Effect.Effect<ReadonlyMap<StoreName, Store.StoreUnavailable>>
}>()("@muster/server/condition/StoreTrouble") {
  static readonly layer: Layer.Layer<StoreTrouble, never, Conditions> = Layer.effect(this, make)
}
