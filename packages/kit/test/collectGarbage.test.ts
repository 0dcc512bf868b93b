import { assert, describe, it } from "@effect/vitest"
import { bytesPassed } from "@muster/kit"
import { constants, PerformanceObserver } from "node:perf_hooks"
import { setImmediate } from "node:timers/promises"

const mib = 1_024 * 1_024

/** How many collections of young garbage the work asked for; V8's own are not counted. */
const asked = async (work: () => void): Promise<number> => {
  const observer = new PerformanceObserver(() => {})
  observer.observe({ entryTypes: ["gc"] })
  work()
  await setImmediate()
  const entries = observer.takeRecords()
  observer.disconnect()
  return entries.filter((entry) => {
    const { flags, kind } =
      (entry as unknown as { readonly detail: { readonly flags: number; readonly kind: number } }).detail
    return kind === constants.NODE_PERFORMANCE_GC_MINOR && flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED
  }).length
}

const pass = (times: number, bytes: number) => () => {
  for (let n = 0; n < times; n++) bytesPassed(bytes)
}

describe("bytesPassed", () => {
  it("T-31 collects young garbage after each 2 MiB, in however many parts they come", async () => {
    assert.strictEqual(await asked(pass(10, mib)), 5)
    assert.strictEqual(await asked(pass(160, mib / 16)), 5)
    assert.strictEqual(await asked(pass(3, 8 * mib)), 3)
  })
})
