import { describe, it } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { LivenessPolicy } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { bulkWrites } from "./BulkWrites.ts"
import { registerOne, scene } from "./Fixture.ts"
import { allUnavailable } from "./Outage.ts"
import type { StoreBackend } from "./StoreBackend.ts"
import { sweeping } from "./Sweeping.ts"

/** With the table dead a healthy runtime's beat still counts, and a failed write is reported. */
const outage = (backend: StoreBackend): void => {
  it.effect("with the backend down a beat that can wait counts, and a flush is unavailable", () =>
    Effect.gen(function*() {
      const { a, outage, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(LivenessPolicy.defaultIntervals.flushAge)
      yield* outage
      yield* a.liveness.beat(runtime)
      strictEqual((yield* a.liveness.alive([runtime.id])).has(runtime.id), true)
      yield* allUnavailable([a.liveness.flush])
      // Now it would be written immediately; that failure does not fail the beat either.
      yield* TestClock.adjust(LivenessPolicy.defaultIntervals.offlineAfter)
      yield* a.liveness.beat(runtime)
    }))
}

/** What every Liveness does together with its registry: H-07 … H-10. */
export const livenessSuite = (backend: StoreBackend): void => {
  describe(`liveness · ${backend.name}`, () => {
    bulkWrites(backend)
    sweeping(backend)
    outage(backend)
  })
}
