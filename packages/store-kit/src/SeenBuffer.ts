import { type Beaten, LivenessPolicy, type RuntimeId, RuntimeRegistry, type StoreUnavailable } from "@muster/domain"
import { Conditions, finalizeWithin } from "@muster/kit"
import { Cause, Clock, Effect, Schedule } from "effect"

/** The most runtimes one bulk write carries; more are written in several. */
const batch = 5_000

/** A failure younger than this, in ms, is not spoken of: whoever reads the same store has most likely said it by then. */
const unspoken = 60_000

/**
 * The way of last-seen times to the registry: buffered per runtime and written in bulk each `flushEvery`, so that a
 * thousand idle runtimes cost a few statements a minute. What a failed write held is kept for the next one. Every
 * Liveness layer uses it; the scope's end writes what is left, for at most 10 s.
 */
export const makeSeenBuffer = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry
  const policy = yield* LivenessPolicy
  const conditions = yield* Conditions.orOwn
  const pending = new Map<RuntimeId, number>()
  /** When each runtime's row was last known to be written: spares rows that the caller knows only from a cache. */
  const written = new Map<RuntimeId, number>()

  const write = Effect.fnUntraced(function*(seen: Map<RuntimeId, number>) {
    yield* registry.touch(seen).pipe(Effect.onError(() =>
      Effect.sync(() => {
        for (const [id, at] of seen) if ((pending.get(id) ?? 0) < at) pending.set(id, at)
      })
    ))
    for (const [id, at] of seen) written.set(id, at)
  })

  const flush: Effect.Effect<void, StoreUnavailable> = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const [id, at] of written) if (now - at > 2 * policy.offlineAfter) written.delete(id)
    // What a batch that fails leaves behind stays for the next flush; beats that come meanwhile too.
    for (let left = pending.size; left > 0; left -= batch) {
      const seen = new Map([...pending].slice(0, batch))
      for (const id of seen.keys()) pending.delete(id)
      yield* write(seen)
    }
  })

  /** A row this old may be taken for silent by the next sweep: the bulk write would come too late for it. */
  const inDanger = policy.offlineAfter - policy.sweepEvery

  /**
   * Online at once where the row says otherwise; written at once where the sweep may be looking at it; else buffered
   * when the row is older than `flushAge`.
   */
  const beat = (runtime: Beaten, now: number): Effect.Effect<unknown, StoreUnavailable> => {
    if (runtime.status !== "online" || runtime.lastSeenAt === null) {
      return Effect.tap(registry.markOnline(runtime.id, now), () => Effect.sync(() => written.set(runtime.id, now)))
    }
    const age = now - Math.max(runtime.lastSeenAt, written.get(runtime.id) ?? 0)
    if (age >= inDanger) return write(new Map([[runtime.id, now]]))
    if (age >= policy.flushAge || pending.has(runtime.id)) pending.set(runtime.id, now)
    return Effect.void
  }

  const forget = (ids: Iterable<RuntimeId>) => {
    for (const id of ids) {
      pending.delete(id)
      written.delete(id)
    }
  }

  yield* finalizeWithin("10 seconds", flush)
  yield* flush.pipe(
    Effect.andThen(conditions.end("seen", "last-seen times are written again")),
    Effect.catch((error) =>
      conditions.begin("seen", `last-seen times could not be written; kept for the next flush. ${error.message}`, {
        grace: unspoken,
        because: "store:"
      })
    ),
    Effect.catchCause((cause) =>
      Cause.hasDies(cause)
        ? conditions.begin(
          "seen",
          `last-seen times could not be written; kept for the next flush. ${Cause.pretty(cause)}`
        )
        : Effect.failCause(cause)
    ),
    Effect.schedule(Schedule.spaced(policy.flushEvery)),
    Effect.forkScoped
  )
  return { beat, flush, forget }
})
