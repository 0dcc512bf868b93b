import { type Liveness, LivenessPolicy, type Runtime, RuntimeRegistry, type Store } from "@muster/domain"
import { Conditions, finalizeWithin } from "@muster/kit"
import { Cause, Clock, Effect, Schedule } from "effect"

/** The maximum number of runtimes in one bulk write. */
const batch = 5_000

/** How long a failure lasts before it is logged, in ms: by then the store's own condition is usually logged. */
const unspoken = 60_000

/**
 * Writes last-seen times to the registry: buffers them per runtime and writes them in bulk each `flushEvery`, so that a
 * thousand idle runtimes cost a few statements a minute. After a failed write, its times stay in the buffer. Every Liveness
 * layer uses it. When the scope ends, it writes the rest, for at most 10 s.
 */
export const makeSeenBuffer = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const policy = yield* LivenessPolicy.LivenessPolicy
  const conditions = yield* Conditions.orOwn
  const pending = new Map<Runtime.RuntimeId, number>()
  /** When each runtime's row was last written: avoids a second write where the caller's copy of the row is cached. */
  const written = new Map<Runtime.RuntimeId, number>()

  const write = Effect.fnUntraced(function*(seen: Map<Runtime.RuntimeId, number>) {
    yield* registry.touch(seen).pipe(Effect.onError(() =>
      Effect.sync(() => {
        for (const [id, at] of seen) if ((pending.get(id) ?? 0) < at) pending.set(id, at)
      })
    ))
    for (const [id, at] of seen) written.set(id, at)
  })

  const flush: Effect.Effect<void, Store.StoreUnavailable> = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const [id, at] of written) if (now - at > 2 * policy.offlineAfter) written.delete(id)
    // The times of a failed batch stay for the next flush, as do those of beats that arrive meanwhile.
    for (let left = pending.size; left > 0; left -= batch) {
      const seen = new Map([...pending].slice(0, batch))
      for (const id of seen.keys()) pending.delete(id)
      yield* write(seen)
    }
  })

  /** A row of this age, in ms, may be marked offline by the next sweep, before the next bulk write. */
  const inDanger = policy.offlineAfter - policy.sweepEvery

  /**
   * Records a beat at `now` (epoch ms): online immediately if the row has another status; written immediately if the
   * sweep may read it; else buffered if the row is older than `flushAge`. The buffer keeps what could not be written, so
   * an online row fails the beat only if it is not `recorded` elsewhere.
   */
  const beat = (
    runtime: Liveness.Beaten,
    now: number,
    recorded = true
  ): Effect.Effect<void, Store.StoreUnavailable> => {
    if (runtime.status !== "online" || runtime.lastSeenAt === null) {
      return Effect.map(registry.markOnline(runtime.id, now), () => {
        written.set(runtime.id, now)
      })
    }
    const age = now - Math.max(runtime.lastSeenAt, written.get(runtime.id) ?? 0)
    if (age >= inDanger) {
      const urgent = write(new Map([[runtime.id, now]]))
      return recorded ? Effect.ignore(urgent) : urgent
    }
    if (age >= policy.flushAge || pending.has(runtime.id)) pending.set(runtime.id, now)
    return Effect.void
  }

  const forget = (ids: Iterable<Runtime.RuntimeId>) => {
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
