import { collectGarbage } from "@muster/kit"
import { Effect } from "effect"
import { performance } from "node:perf_hooks"
import { getHeapStatistics } from "node:v8"

/** How often a service looks whether it has memory to give back. */
const every = "10 seconds"

/** The share of time that the event loop of a quiet process works at most. */
const quiet = 0.05

/** How much memory is worth a collection, in bytes: it stops the process for about 0.1 s. */
const worthwhile = 12 * 1_024 * 1_024

const heapSize = () => getHeapStatistics().total_physical_size

/** `collectGarbage` as an effect. */
export const collect = Effect.sync(collectGarbage)

/**
 * Whether a collection is worth its pause: the heap has grown since the last one, and the process does next to nothing.
 * `utilization` is the event loop's, from 0 to 1; sizes are in bytes.
 */
export const isTimeToCollect = (utilization: number, size: number, sizeBefore: number): boolean =>
  utilization <= quiet && size - sizeBefore >= worthwhile

/**
 * Gives back the memory that the start of a service, or work that has ended, needed once, until it is interrupted. V8 collects when
 * something is allocated, so a process at rest keeps its garbage: after its start, 10 to 25 MiB.
 */
export const collectWhenQuiet: Effect.Effect<never> = Effect.gen(function*() {
  let sizeBefore = 0
  let usage = performance.eventLoopUtilization()
  while (true) {
    yield* Effect.sleep(every)
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, usage)
    usage = now
    if (!isTimeToCollect(utilization, heapSize(), sizeBefore)) continue
    yield* collect
    sizeBefore = heapSize()
  }
})
