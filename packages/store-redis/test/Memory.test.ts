import { assert, describe, it } from "@effect/vitest"
import { concernOf, type Memory, memoryIn } from "../src/connection/Memory.ts"

const mib = 1_048_576
const calm: Memory = { used: 10 * mib, limit: 100 * mib, policy: "noeviction", evicted: 0 }

const policies = ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"]

describe("the memory of Redis", () => {
  it("F-28 there is no problem without a limit, or with noeviction and free memory", () => {
    assert.isUndefined(concernOf(calm))
    assert.isUndefined(concernOf({ ...calm, policy: "allkeys-lru", limit: 0, evicted: 5 }))
    assert.isUndefined(concernOf({ ...calm, evicted: 100 }))
  })

  it.each(policies)("F-28 %s is a problem even with free memory: all our keys have a time to live", (policy) => {
    assert.strictEqual(
      concernOf({ ...calm, policy }),
      "Redis may evict accepted requests when its memory is full: set maxmemory-policy to noeviction " +
        `(${policy}, 10.0 MiB of 100.0 MiB used)`
    )
  })

  it("F-28 the keys evicted since the last check are counted", () => {
    const evicting = { ...calm, policy: "allkeys-lru", used: 100 * mib, evicted: 12 }
    assert.match(concernOf(evicting, { ...evicting, evicted: 5 })!, /^Redis evicts keys \(7 since the last check\)/)
    assert.match(concernOf(evicting, evicting)!, /^Redis may evict/)
  })

  it("F-28 with noeviction there is a problem from nine tenths on", () => {
    assert.isUndefined(concernOf({ ...calm, used: 89 * mib }))
    assert.match(
      concernOf({ ...calm, used: 90 * mib })!,
      /nearly full \(90\.0 MiB of 100\.0 MiB used\).*raise maxmemory$/
    )
  })

  it("F-28 INFO is read where it reports the policy", () => {
    const info =
      "# Memory\r\nused_memory:5\r\nmaxmemory:7\r\nmaxmemory_policy:noeviction\r\n# Stats\r\nevicted_keys:3\r\n"
    assert.deepStrictEqual(memoryIn(info), { used: 5, limit: 7, policy: "noeviction", evicted: 3 })
    assert.isUndefined(memoryIn("# Memory\r\nused_memory:5\r\n"))
  })
})
