import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { cli, idsOf, look, minute, register, registerOne, scene, sortedIds, start, together } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const never = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")
const daemon = (n: number) => ({ daemonId: Identity.DaemonId.make(`box${n}`) })

/** Which runtimes are online or silent, and the writes of these states. */
export const silence = (backend: StoreBackend): void => {
  it.effect("a deregistration turns the online ones offline; unknown ids are skipped", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* TestClock.adjust(minute)
      yield* a.registry.markOffline([codex!.id, never])
      yield* a.registry.markOffline([])
      const offline = { ...codex!, status: "offline" as const, updatedAt: start + minute }
      deepStrictEqual(yield* look(b, codex!.id), offline)
      deepStrictEqual(yield* look(b, claude!.id), claude)
      yield* TestClock.adjust(minute)
      yield* b.registry.markOffline([codex!.id])
      deepStrictEqual(yield* look(a, codex!.id), offline)
    }))

  it.effect("H-07 markOnline turns a row online immediately and never moves its last-seen time backwards", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [{ id } = { id: never }] = yield* register(a, workspace, [cli("codex", { status: "offline" })])
      yield* TestClock.adjust(minute)
      strictEqual(yield* b.registry.markOnline(id, start + minute), true)
      const online = yield* look(a, id)
      deepStrictEqual([online.status, online.lastSeenAt], ["online", start + minute])
      strictEqual(yield* a.registry.markOnline(id, start), true)
      strictEqual((yield* look(b, id)).lastSeenAt, start + minute)
      strictEqual(yield* a.registry.markOnline(never, start), false)
    }))

  it.effect("touch moves the last-seen time of online rows forward, and no other row's", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [codex, claude, pi] = yield* register(a, workspace, ["codex", "claude", "pi"])
      yield* a.registry.markOffline([pi!.id])
      const later = start + minute
      const seen = new Map([[codex!.id, later], [claude!.id, start - minute], [pi!.id, later], [never, later]])
      strictEqual(yield* b.registry.touch(seen), 2)
      strictEqual((yield* look(a, codex!.id)).lastSeenAt, later)
      deepStrictEqual(yield* look(a, claude!.id), claude)
      strictEqual((yield* look(a, pi!.id)).lastSeenAt, start)
      strictEqual(yield* a.registry.touch(new Map()), 0)
    }))

  it.effect("stale lists online rows last seen strictly before, oldest first, up to the maximum", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const rows = yield* register(a, workspace, ["a", "b", "c", "d", "e", "f", "g", "h"])
      // Last seen in another order than that of their creation: 3, 6, 1, 4, 7, 2, 5, 8 ms after it.
      const seen = rows.map(({ id }, i) => [id, start + ((i * 3 + 2) % 8) + 1] as const)
      yield* a.registry.touch(new Map(seen))
      yield* a.registry.markOffline([rows[2]!.id])
      const bySilence = seen.toSorted(([, one], [, other]) => one - other).map(([id]) => id)
        .filter((id) => id !== rows[2]!.id)
      deepStrictEqual(yield* b.registry.stale(start + 2, 10), [])
      deepStrictEqual(idsOf(yield* b.registry.stale(start + 3, 10)), bySilence.slice(0, 1))
      deepStrictEqual(idsOf(yield* b.registry.stale(start + 9, 10)), bySilence)
      deepStrictEqual(idsOf(yield* b.registry.stale(start + 9, 3)), bySilence.slice(0, 3))
    }))

  it.effect("H-08 markStale applies its rule in the write: it skips runtimes that beat since, or are offline", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const rows = yield* register(a, workspace, ["codex", "claude", "pi"])
      const [codex, claude, pi] = rows.map(({ id }) => id)
      yield* TestClock.adjust(minute)
      yield* a.registry.touch(new Map([[claude!, start + minute]]))
      yield* a.registry.markOffline([pi!])
      const marked = yield* b.registry.markStale([codex!, claude!, pi!, never], start + minute)
      deepStrictEqual(marked, [{ ...rows[0]!, status: "offline", updatedAt: start + minute }])
      deepStrictEqual(yield* look(a, codex!), marked[0])
      strictEqual((yield* look(a, claude!)).status, "online")
      deepStrictEqual(yield* b.registry.markStale([codex!], start + minute), [])
      deepStrictEqual(yield* b.registry.markStale([claude!], start + minute), [])
      strictEqual((yield* b.registry.markStale([claude!], start + minute + 1)).length, 1)
    }))

  it.effect("H-10 expire removes offline rows after a long silence, with a tombstone", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* a.registry.markOffline([codex!.id])
      deepStrictEqual(yield* b.registry.expire(start, 10), [])
      yield* TestClock.adjust(minute)
      const removed = yield* b.registry.expire(start + 1, 10)
      deepStrictEqual(removed, [{ ...codex!, status: "offline" }])
      deepStrictEqual(yield* a.registry.find(codex!.id), RuntimeRegistry.gone.expired(start + minute))
      deepStrictEqual(idsOf(yield* a.registry.list(workspace.id)), [claude!.id])
      deepStrictEqual(yield* b.registry.expire(start + 1, 10), [])
    }))

  it.effect("H-10 expire takes the longest silent ones first, each once, for any caller", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const ids: Array<Runtime.RuntimeId> = []
      for (let n = 0; n < 6; n++) {
        ids.push((yield* registerOne(a, workspace, daemon(n))).id)
        yield* TestClock.adjust(1)
      }
      yield* a.registry.markOffline(ids)
      deepStrictEqual(idsOf(yield* a.registry.expire(start + 6, 2)), ids.slice(0, 2))
      const rest = yield* together([a, b, a, b].map(({ registry }) => registry.expire(start + 6, 10)))
      deepStrictEqual(sortedIds(rest.flat()), ids.slice(2).toSorted())
    }))
}
