import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { getHeapStatistics } from "node:v8"
import { collect, isTimeToCollect } from "../src/service/QuietCollection.ts"

const mib = 1_024 * 1_024

describe("a service at rest", () => {
  it("collects what it no longer needs when it is quiet, and nothing while it works or has little", () => {
    assert.isTrue(isTimeToCollect(0.01, 60 * mib, 0))
    assert.isFalse(isTimeToCollect(0.5, 60 * mib, 0))
    assert.isFalse(isTimeToCollect(0.01, 41 * mib, 40 * mib))
    assert.isTrue(isTimeToCollect(0.01, 80 * mib, 40 * mib))
  })

  it.effect("gives the memory of its garbage back", () =>
    Effect.gen(function*() {
      let garbage: Array<Array<number>> = Array.from({ length: 200_000 }, (_, n) => [n, n, n, n])
      const before = getHeapStatistics().total_physical_size
      assert.lengthOf(garbage, 200_000)
      garbage = []
      yield* collect
      assert.isBelow(getHeapStatistics().total_physical_size, before)
    }))
})
