import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

let exposed: NodeJS.GCFunction | undefined

/** V8's own function, which Node hides unless it was started with a flag. */
const collect = (): NodeJS.GCFunction => {
  if (exposed !== undefined) return exposed
  setFlagsFromString("--expose-gc")
  exposed = runInNewContext("gc") as NodeJS.GCFunction
  setFlagsFromString("--no-expose-gc")
  return exposed
}

/** Collects all garbage and returns what the heap no longer needs to the system. Stops the process for 50 to 150 ms. */
export const collectGarbage = (): void => collect()({ type: "major", execution: "sync", flavor: "last-resort" })

/** How many bytes may pass between two collections of young garbage. */
const passing = 2 * 1_024 * 1_024

let passed = 0

/**
 * Says that bytes have passed through this process, which left garbage: buffers, lines, texts. After each 2 MiB, the young garbage is
 * collected, which takes less than 1 ms. Left to itself, V8 lets large texts and buffers accumulate to 50 to 100 MiB, since it waits
 * until its heap, of which they are no part or a small one, has grown (docs/performance.md, "Memory" of tasks).
 */
export const bytesPassed = (bytes: number): void => {
  passed += bytes
  if (passed < passing) return
  passed = 0
  collect()({ type: "minor", execution: "sync" })
}

/** Collects the old garbage, too, without a look for pages to return. Stops the process for about 1 ms per MiB of its heap. */
export const collectOldGarbage = (): void => collect()({ type: "major", execution: "sync" })
