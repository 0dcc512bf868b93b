import { Clock, Effect } from "effect"
import { ephemeralSilence } from "../machine/Machine.ts"
import { Liveness } from "./Liveness.ts"
import { LivenessPolicy } from "./LivenessPolicy.ts"
import type { RuntimeId } from "./Runtime.ts"
import { RuntimeRegistry } from "./RuntimeRegistry.ts"

/** The maximum number of rows that one sweep takes of each sort; the next sweep takes the rest. */
const maxPerSweep = 10_000

const noneAlive: ReadonlySet<RuntimeId> = new Set()

/**
 * Online runtimes that have been silent for `offlineAfter` go offline. One that is alive in the liveness store is kept
 * although its row is stale; if the liveness store cannot answer, the table decides. The write checks the rule again,
 * so a beat between read and write wins. Returns what went offline.
 */
export const sweepStale = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry
  const liveness = yield* Liveness
  const { offlineAfter } = yield* LivenessPolicy
  const before = (yield* Clock.currentTimeMillis) - offlineAfter
  const stale = yield* registry.stale(before, maxPerSweep)
  if (stale.length === 0) return []
  const alive = yield* liveness.alive(stale.map(({ id }) => id)).pipe(
    Effect.catch((error) => Effect.as(Effect.logDebug("liveness store down; the table decides", error), noneAlive))
  )
  const silent = stale.filter(({ id }) => !alive.has(id)).map(({ id }) => id)
  return silent.length === 0 ? [] : yield* registry.markStale(silent, before)
})

/**
 * Removes runtimes offline for `expireAfter`, ephemeral ones for `ephemeralSilence`, with a tombstone. Returns them.
 */
export const sweepExpired = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry
  const liveness = yield* Liveness
  const { expireAfter } = yield* LivenessPolicy
  const now = yield* Clock.currentTimeMillis
  const removed = yield* registry.expire(now - expireAfter, maxPerSweep, now - ephemeralSilence)
  if (removed.length > 0) yield* Effect.ignore(liveness.forget(removed.map(({ id }) => id)))
  return removed
})
