import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { day, minute, quietScene, register, registerOne, scene, start, together } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const never = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")

/** Removed rows and their tombstones. */
export const removing = (backend: StoreBackend): void => {
  it.effect("the tombstone of a deleted row has its deleter and time, and an unknown id is unknown", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* TestClock.adjust(minute)
      strictEqual(yield* a.registry.remove(codex!.id, user.id), true)
      strictEqual(yield* b.registry.remove(claude!.id, null), true)
      deepStrictEqual(yield* b.registry.find(codex!.id), RuntimeRegistry.gone.deleted(user.id, start + minute))
      deepStrictEqual(yield* a.registry.find(claude!.id), RuntimeRegistry.gone.deleted(null, start + minute))
      deepStrictEqual(yield* a.registry.find(never), RuntimeRegistry.gone.unknown)
      deepStrictEqual(yield* a.registry.list(workspace.id), [])
    }))

  it.effect("a second delete returns false, and the first one's tombstone remains", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      const removals = yield* together([a, b, a, b].map(({ registry }) => registry.remove(id, user.id)))
      strictEqual(removals.filter((removed) => removed).length, 1)
      yield* TestClock.adjust(minute)
      strictEqual(yield* b.registry.remove(id, null), false)
      strictEqual(yield* b.registry.remove(never, null), false)
      deepStrictEqual(yield* a.registry.find(id), RuntimeRegistry.gone.deleted(user.id, start))
      deepStrictEqual(yield* a.registry.find(never), RuntimeRegistry.gone.unknown)
    }))

  it.effect("a registration after a delete makes a new row, and the old id remains gone", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const first = yield* registerOne(a, workspace)
      yield* a.registry.edit(first.id, { name: "Mine" })
      yield* a.registry.remove(first.id, null)
      const second = yield* registerOne(a, workspace)
      strictEqual(first.id === second.id, false)
      strictEqual(second.name, "codex (box)")
      deepStrictEqual(yield* a.registry.find(first.id), RuntimeRegistry.gone.deleted(null, start))
      strictEqual(yield* a.registry.markOnline(first.id, start), false)
      strictEqual(yield* a.registry.touch(new Map([[first.id, start]])), 0)
    }))

  it.effect("H-10 tombstones are kept for 30 days and no longer", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* quietScene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* a.registry.remove(id, null)
      yield* TestClock.adjust(RuntimeRegistry.tombstoneRetention)
      yield* a.registry.expire(0, 10)
      deepStrictEqual(yield* a.registry.find(id), RuntimeRegistry.gone.deleted(null, start))
      yield* TestClock.adjust(day)
      yield* a.registry.expire(0, 10)
      deepStrictEqual(yield* a.registry.find(id), RuntimeRegistry.gone.unknown)
    }))
}
