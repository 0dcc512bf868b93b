import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { idsOf, makeWorkspace, register, registration, scene, sortedIds } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const old = { daemonId: Identity.DaemonId.make("BOX.Local") }
const renewed = { daemonId: Identity.DaemonId.make("0199-uuid"), legacyDaemonIds: [" ", "box.LOCAL "] }

/** A daemon with a new id. */
export const legacyIds = (backend: StoreBackend): void => {
  it.effect("rows of older ids, in any case, are merged into the new ones", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const before = yield* register(a, workspace, ["codex", "claude"], old)
      const { merged, runtimes: after } = yield* b.registry.register(
        registration(workspace, ["codex", "claude"], renewed)
      )
      deepStrictEqual(new Set(merged), new Set(before.map(({ id }, i) => ({ from: id, into: after[i]!.id }))))
      deepStrictEqual(sortedIds(yield* a.registry.list(workspace.id)), sortedIds(after))
      for (const { id } of before) strictEqual((yield* a.registry.find(id))._tag, "Gone")
    }))

  it.effect("only rows of the same workspace and of the registered providers are merged", () =>
    Effect.gen(function*() {
      const { a, user, workspace } = yield* scene(backend)
      const other = yield* makeWorkspace(a, "other", user.id)
      const [, claude] = yield* register(a, workspace, ["codex", "claude"], old)
      const elsewhere = yield* register(a, other, ["codex"], old)
      const third = yield* register(a, workspace, ["codex"], { daemonId: Identity.DaemonId.make("box.local2") })
      const after = yield* register(a, workspace, ["codex"], renewed)
      deepStrictEqual(sortedIds(yield* a.registry.list(workspace.id)), sortedIds([claude!, ...third, ...after]))
      deepStrictEqual(idsOf(yield* a.registry.list(other.id)), idsOf(elsewhere))
    }))

  it.effect("an older id that equals the daemon's own, in any case, removes nothing", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const before = yield* register(a, workspace, ["codex"], old)
      const legacyDaemonIds = ["BOX.Local", "box.local"]
      const { merged, runtimes: again } = yield* a.registry.register(
        registration(workspace, ["codex"], { ...old, legacyDaemonIds })
      )
      deepStrictEqual(merged, [])
      deepStrictEqual(idsOf(again), idsOf(before))
      deepStrictEqual(idsOf(yield* a.registry.list(workspace.id)), idsOf(before))
    }))

  it.effect("rows that differ from the daemon's id only in case are merged", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      yield* register(a, workspace, ["codex"], old)
      const again = yield* register(a, workspace, ["codex"], {
        daemonId: Identity.DaemonId.make("box.local"),
        legacyDaemonIds: ["BOX.Local"]
      })
      deepStrictEqual(idsOf(yield* a.registry.list(workspace.id)), idsOf(again))
    }))
}
