import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Liveness, LivenessPolicy, Runtime, RuntimeRegistry, Store } from "@muster/domain"
import { LivenessMemory } from "@muster/store-memory"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"

const id = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000001")
const down = Effect.fail(new Store.StoreUnavailable({ operation: "RuntimeRegistry", cause: new Error("switched off") }))

/** A registry that is down until it is switched on, and the writes that it then received. */
const mending = () => {
  const table = { up: false, seen: new Map<Runtime.RuntimeId, number>() }
  const layer = Layer.mock(RuntimeRegistry.RuntimeRegistry, {
    markOnline: () => Effect.suspend(() => table.up ? Effect.succeed(true) : down),
    touch: (seen) =>
      Effect.suspend(() => {
        if (!table.up) return down
        for (const [id, at] of seen) table.seen.set(id, at)
        return Effect.succeed(seen.size)
      })
  })
  return { table, layer: Layer.provide(LivenessMemory.layer, layer) }
}

describe("beats while the table is down", () => {
  it.effect("a beat that is due for an immediate write counts, and is written when the table is back", () => {
    const { layer, table } = mending()
    return Effect.gen(function*() {
      const liveness = yield* Liveness.Liveness
      yield* TestClock.setTime(LivenessPolicy.defaultIntervals.offlineAfter)
      const runtime: Liveness.Beaten = { id, status: "online", lastSeenAt: 0 }
      yield* liveness.beat(runtime)
      strictEqual((yield* liveness.alive([id])).has(id), true)
      strictEqual((yield* Effect.flip(liveness.flush))._tag, "StoreUnavailable")
      table.up = true
      yield* liveness.flush
      deepStrictEqual([...table.seen], [[id, LivenessPolicy.defaultIntervals.offlineAfter]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("H-02 a beat that cannot turn its runtime online fails, and the next one succeeds", () => {
    const { layer, table } = mending()
    return Effect.gen(function*() {
      const liveness = yield* Liveness.Liveness
      for (
        const runtime of [{ id, status: "offline", lastSeenAt: 0 }, { id, status: "online", lastSeenAt: null }] as const
      ) {
        table.up = false
        strictEqual((yield* Effect.flip(liveness.beat(runtime)))._tag, "StoreUnavailable")
        table.up = true
        yield* liveness.beat(runtime)
      }
      strictEqual((yield* liveness.alive([id])).has(id), true)
    }).pipe(Effect.provide(layer))
  })
})
