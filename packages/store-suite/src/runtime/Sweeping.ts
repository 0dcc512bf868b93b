import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Liveness, LivenessPolicy, Machine, type Runtime, RuntimeRegistry, Store, Sweep } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { idsOf, look, quietScene, register, registerOne, scene, start, together } from "./Fixture.ts"
import type { StoreBackend, StoreNode } from "./StoreBackend.ts"

const { beat, expireAfter, offlineAfter } = LivenessPolicy.defaultIntervals

const on =
  (node: StoreNode, liveness = node.liveness) =>
  <A, E>(sweep: Effect.Effect<A, E, Liveness.Liveness | RuntimeRegistry.RuntimeRegistry>) =>
    sweep.pipe(
      Effect.provideService(RuntimeRegistry.RuntimeRegistry, node.registry),
      Effect.provideService(Liveness.Liveness, liveness)
    )

/** The sweeps with a real table and real beats: H-08, H-09, H-10. */
export const sweeping = (backend: StoreBackend): void => {
  it.effect("H-09 one sweep turns a runtime offline after 150 s of silence", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter)
      deepStrictEqual(yield* on(b)(Sweep.sweepStale), [])
      strictEqual((yield* look(a, runtime.id)).status, "online")
      yield* TestClock.adjust(1)
      deepStrictEqual(idsOf(yield* on(b)(Sweep.sweepStale)), [runtime.id])
      strictEqual((yield* look(a, runtime.id)).status, "offline")
    }))

  it.effect("H-09 of two concurrent sweeps one reports the change", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter + 1)
      const swept = yield* together([
        on(a)(Sweep.sweepStale),
        on(b)(Sweep.sweepStale),
        on(a)(Sweep.sweepStale),
        on(b)(Sweep.sweepStale)
      ])
      deepStrictEqual(idsOf(swept.flat()), [runtime.id])
    }))

  it.effect("H-09 a runtime that is alive in the liveness store is kept although its row is stale", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter + 1)
      // As a caller with a fresh copy of the row sees it, so that nothing is written.
      yield* a.liveness.beat({ ...runtime, lastSeenAt: start + offlineAfter })
      strictEqual((yield* look(a, runtime.id)).lastSeenAt, start)
      deepStrictEqual(yield* on(a)(Sweep.sweepStale), [])
      strictEqual((yield* look(a, runtime.id)).status, "online")
    }))

  it.effect("H-09 with the liveness store down the table decides", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter + 1)
      const down = {
        ...a.liveness,
        alive: () => Effect.fail(new Store.StoreUnavailable({ operation: "Liveness.alive", cause: new Error("down") }))
      }
      deepStrictEqual(idsOf(yield* on(a, down)(Sweep.sweepStale)), [runtime.id])
    }))

  it.effect("H-08 a beat between the sweep's read and its write keeps the runtime online", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter + 1)
      // The sweep reads liveness after its read and before its write: the beat arrives then, at another node.
      const interrupted = {
        ...a.liveness,
        alive: () => Effect.as(Effect.orDie(b.liveness.beat(runtime)), new Set<never>())
      }
      deepStrictEqual(yield* on(a, interrupted)(Sweep.sweepStale), [])
      const now = yield* look(a, runtime.id)
      deepStrictEqual([now.status, now.lastSeenAt], ["online", start + offlineAfter + 1])
    }))

  it.effect("a beat counts for 90 s, and not after a deregistration", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const { ttl } = LivenessPolicy.defaultIntervals
      const runtime = yield* registerOne(a, workspace)
      const alive = Effect.map(a.liveness.alive([runtime.id]), (ids) => ids.has(runtime.id))
      yield* TestClock.adjust(beat)
      yield* a.liveness.beat(runtime)
      yield* TestClock.adjust(ttl)
      strictEqual(yield* alive, true)
      yield* TestClock.adjust(1)
      strictEqual(yield* alive, false)
      yield* a.liveness.beat(runtime)
      strictEqual(yield* alive, true)
      const again = yield* registerOne(a, workspace)
      yield* a.liveness.beat(again)
      yield* a.registry.markOffline([runtime.id])
      yield* a.liveness.forget([runtime.id])
      strictEqual(yield* alive, false)
      yield* a.liveness.flush
      strictEqual((yield* look(a, runtime.id)).status, "offline")
    }))

  it.effect("H-10 a runtime that was offline for 7 days is removed, with a tombstone, and no longer kept", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* quietScene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* a.registry.markOffline([runtime.id])
      yield* TestClock.adjust(expireAfter)
      deepStrictEqual(yield* on(b)(Sweep.sweepExpired), [])
      yield* TestClock.adjust(1)
      deepStrictEqual(idsOf(yield* on(b)(Sweep.sweepExpired)), [runtime.id])
      deepStrictEqual(yield* a.registry.find(runtime.id), RuntimeRegistry.gone.expired(start + expireAfter + 1))
    }))

  it.effect("A-06 an ephemeral runtime is removed after 10 min offline, with a tombstone; another one of its daemon is not", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* quietScene(backend)
      const [codex] = yield* register(a, workspace, ["codex", "claude"], { ephemeral: true })
      yield* register(a, workspace, ["claude"])
      yield* a.registry.markOffline(idsOf(yield* a.registry.list(workspace.id)) as ReadonlyArray<Runtime.RuntimeId>)
      yield* TestClock.adjust(Machine.ephemeralSilence)
      deepStrictEqual(yield* on(b)(Sweep.sweepExpired), [])
      yield* TestClock.adjust(1)
      deepStrictEqual(idsOf(yield* on(b)(Sweep.sweepExpired)), [codex!.id])
      deepStrictEqual(
        yield* a.registry.find(codex!.id),
        RuntimeRegistry.gone.expired(start + Machine.ephemeralSilence + 1)
      )
    }))

  it.effect("A-06 an ephemeral runtime that is online is not removed", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* quietScene(backend)
      yield* register(a, workspace, ["codex"], { ephemeral: true })
      yield* TestClock.adjust(Machine.ephemeralSilence + 1)
      deepStrictEqual(yield* on(a)(Sweep.sweepExpired), [])
    }))

  it.effect("H-10 a runtime that is online, or was online in between, is not removed", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* quietScene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* a.registry.markOffline([runtime.id])
      yield* TestClock.adjust(expireAfter)
      yield* b.liveness.beat({ ...runtime, status: "offline" })
      yield* a.registry.markOffline([runtime.id])
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* on(a)(Sweep.sweepExpired), [])
      strictEqual((yield* look(a, runtime.id)).status, "offline")
    }))
}
