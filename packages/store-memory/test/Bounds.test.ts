import { describe, it } from "@effect/vitest"
import { assertTrue, strictEqual } from "@effect/vitest/utils"
import { Kinds, Liveness, RequestStore, Runtime, RuntimeRegistry } from "@muster/domain"
import { LivenessMemory, LivenessState, RequestState, RequestStoreMemory } from "@muster/store-memory"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"

const runtimeOf = (n: number) => Runtime.RuntimeId.make(`00000000-0000-4000-8000-${n.toString().padStart(12, "0")}`)

describe("bounds of what memory holds", () => {
  it.effect("a probe of an idle runtime returns one shared list and keeps nothing", () => {
    const state = new RequestState()
    return Effect.gen(function*() {
      const store = yield* RequestStore.RequestStore
      const runtimeId = runtimeOf(1)
      const idle = yield* store.waiting(runtimeId)
      strictEqual(yield* store.waiting(runtimeOf(2)), idle)
      strictEqual(state.size, 0)
      yield* store.create({ kind: Kinds.ModelList, runtimeId, payload: {}, by: null })
      strictEqual(state.size, 2)
      yield* TestClock.adjust(Kinds.ModelList.terms.pending + 1)
      yield* store.claim(runtimeId, [{ kind: Kinds.ModelList.name, max: 1 }])
      strictEqual(yield* store.waiting(runtimeId), idle)
      strictEqual(state.size, 1)
    }).pipe(Effect.provide(RequestStoreMemory.layerOn(state)))
  })

  it.effect("H-07 beats older than the liveness TTL are removed while others beat", () => {
    const state = new LivenessState()
    const registry = Layer.mock(RuntimeRegistry.RuntimeRegistry, { touch: () => Effect.succeed(0) })
    return Effect.gen(function*() {
      const liveness = yield* Liveness.Liveness
      for (let n = 0; n < 1_000; n++) {
        yield* liveness.beat({ id: runtimeOf(n), status: "online", lastSeenAt: n * 1_000 })
        yield* TestClock.adjust(1_000)
      }
      assertTrue(state.size <= 200)
    }).pipe(Effect.provide(Layer.provide(LivenessMemory.layerOn(state), registry)))
  })
})
