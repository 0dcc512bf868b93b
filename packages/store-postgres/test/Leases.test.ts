import { describe, it } from "@effect/vitest"
import { assertTrue, strictEqual } from "@effect/vitest/utils"
import { freshDatabase } from "@muster/store-suite"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeLeases } from "../src/client/Leases.ts"

const leases = Effect.gen(function*() {
  const options = { maxConnections: 1, idleTimeout: "1 day", maxAge: "10 minutes", silence: "5500 millis" } as const
  const { reserve, use } = yield* makeLeases({ url: yield* freshDatabase, ...options })
  return {
    used: use(({ processId }) => Effect.succeed(processId)),
    reserved: Effect.scoped(Effect.map(reserve, ({ processId }) => processId))
  }
})

describe("connections lent", () => {
  for (const how of ["used", "reserved"] as const) {
    it.effect(`F-02 one that is ${how} is replaced when it is older than its maximum age, and at 12 min at the latest`, () =>
      Effect.gen(function*() {
        const lend = (yield* leases)[how]
        const first = yield* lend
        yield* TestClock.adjust("9 minutes")
        strictEqual(yield* lend, first)
        yield* TestClock.adjust("3 minutes")
        const second = yield* lend
        assertTrue(second !== first)
        strictEqual(yield* lend, second)
      }))
  }
})
