import type { Runtime } from "@muster/domain"
import { Effect, PartitionedSemaphore, RcMap, Semaphore } from "effect"

/** Runs an effect for a runtime once it has a permit. It holds the permit until it ends. */
export type RuntimeConcurrency = <A, E>(runtime: Runtime.RuntimeId, effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

/**
 * Limits what runs concurrently for each runtime, to `permits`; the others of that runtime wait in order. One semaphore per
 * runtime, since a `PartitionedSemaphore` alone would let one runtime use all permits.
 */
export const makeRuntimeConcurrency = (permits: number) =>
  Effect.map(
    RcMap.make<Runtime.RuntimeId, Semaphore.Semaphore, never, never>({ lookup: () => Semaphore.make(permits) }),
    (semaphores): RuntimeConcurrency => (runtime, effect) =>
      Effect.scoped(Effect.flatMap(RcMap.get(semaphores, runtime), (one) => one.withPermit(effect)))
  )

/** The same, and at most `all` of all runtimes together. Runtimes that wait for those get permits in turn. */
export const makeSharedConcurrency = Effect.fnUntraced(
  function*(limits: { readonly each: number; readonly all: number }) {
    const ofRuntime = yield* makeRuntimeConcurrency(limits.each)
    const shared = yield* PartitionedSemaphore.make<Runtime.RuntimeId>({ permits: limits.all })
    const concurrency: RuntimeConcurrency = (runtime, effect) => ofRuntime(runtime, shared.withPermit(runtime)(effect))
    return concurrency
  }
)
