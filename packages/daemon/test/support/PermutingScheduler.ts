import type { Scheduler } from "effect"

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

/**
 * Runs fibers in an order drawn from a seed: any fiber may be put aside before any of its steps, and any that is ready
 * may run next. The same seed gives the same order.
 */
export const permutingScheduler = (seed: number): Scheduler.Scheduler => {
  const random = seeded(seed)
  const ready: Array<() => void> = []
  let scheduled = false
  const runOne = () => {
    const [task] = ready.splice(Math.floor(random() * ready.length), 1)
    task?.()
  }
  const drain = () => {
    scheduled = false
    while (ready.length > 0) runOne()
  }
  return {
    executionMode: "async",
    shouldYield: () => random() < 0.2,
    makeDispatcher: () => ({
      scheduleTask(task) {
        ready.push(task)
        if (scheduled) return
        scheduled = true
        setImmediate(drain)
      },
      flush: drain
    })
  }
}
