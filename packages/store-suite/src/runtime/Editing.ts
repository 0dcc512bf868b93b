import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Runtime } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { idsOf, look, minute, registerOne, scene, start } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

/** What a person changes and sees. */
export const editing = (backend: StoreBackend): void => {
  it.effect("an edit changes the named fields and the timestamp, and nothing else", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(minute)
      const edited = { ...runtime, timezone: "UTC", updatedAt: start + minute }
      assertSome(yield* a.registry.edit(runtime.id, { timezone: "UTC" }), edited)
      deepStrictEqual(yield* look(b, runtime.id), edited)
      const public_ = { ...edited, visibility: "public" as const, name: "Mine" }
      assertSome(yield* b.registry.edit(runtime.id, { visibility: "public", name: "Mine" }), public_)
      deepStrictEqual(yield* look(a, runtime.id), public_)
    }))

  it.effect("a default model is kept on every replica and by every later registration, until it is removed", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      strictEqual(runtime.defaultModel ?? null, null)
      yield* TestClock.adjust(minute)
      const chosen = { ...runtime, defaultModel: "openai/gpt-5.2", updatedAt: start + minute }
      assertSome(yield* a.registry.edit(runtime.id, { defaultModel: "openai/gpt-5.2" }), chosen)
      assertSome(yield* b.registry.edit(runtime.id, {}), chosen)
      strictEqual((yield* registerOne(b, workspace)).defaultModel, "openai/gpt-5.2")
      deepStrictEqual((yield* a.registry.list(workspace.id)).map(({ defaultModel }) => defaultModel), [
        "openai/gpt-5.2"
      ])
      yield* b.registry.edit(runtime.id, { defaultModel: null })
      strictEqual((yield* look(a, runtime.id)).defaultModel, null)
    }))

  it.effect("an edit of a removed row returns none", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* a.registry.remove(id, null)
      assertNone(yield* a.registry.edit(id, { name: "Mine" }))
      assertNone(yield* a.registry.edit(Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000"), {}))
    }))

  it.effect("the list is oldest first, after any changes of the rows", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const ids: Array<string> = []
      for (const name of ["c", "a", "b"]) {
        const { id } = yield* registerOne(a, workspace, { daemonId: Identity.DaemonId.make(name) })
        ids.push(id)
        yield* TestClock.adjust(1)
      }
      yield* registerOne(a, workspace, { daemonId: Identity.DaemonId.make("c") })
      yield* a.registry.edit(Runtime.RuntimeId.make(ids[1]!), { name: "0" })
      deepStrictEqual(idsOf(yield* b.registry.list(workspace.id)), ids)
    }))
}
