import { collectGarbage } from "@muster/kit"

/** Collects all garbage. Returns the resident memory that is left, and what of it is live in the heap, in bytes. */
const memory = () => {
  collectGarbage()
  const { external, heapUsed, rss } = process.memoryUsage()
  return { rss, live: heapUsed + external }
}

/**
 * Answers messages of the parent process, for `child`: "memory" with what this process has after a collection, in bytes; each other
 * one with the processor time that it has used, in µs.
 */
export const reportCpu = () => {
  process.on("message", (message) => {
    if (message === "memory") return void process.send?.(memory())
    const { system, user } = process.cpuUsage()
    process.send?.({ micros: user + system })
  })
  // Waiting for messages must not keep a process alive that has ended.
  process.channel?.unref()
}
