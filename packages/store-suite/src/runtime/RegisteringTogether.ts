import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { register, scene, sortedIds, together } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const providers = ["amp", "claude", "codex", "copilot", "gemini", "opencode", "pi", "qwen"]

/** The effects of concurrent registrations on each other, and on the bulk writes. */
export const registeringTogether = (backend: StoreBackend): void => {
  it.effect("concurrent registrations of one daemon, in any order of providers, make each runtime once", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const answers = yield* together(
        Array.from(
          { length: 16 },
          (_, i) => register(i % 2 === 0 ? a : b, workspace, i % 4 < 2 ? providers : providers.toReversed())
        )
      )
      strictEqual(new Set(answers.flat().map(({ id }) => id)).size, providers.length)
      deepStrictEqual(sortedIds(yield* a.registry.list(workspace.id)), sortedIds(answers[0]!))
    }))

  it.effect("registrations under two ids that name each other as the older one both succeed", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [box, local] = [Identity.DaemonId.make("box"), Identity.DaemonId.make("box.local")]
      yield* together(
        Array.from({ length: 8 }, (_, i) =>
          together([
            register(a, workspace, i % 2 === 0 ? providers : providers.toReversed(), {
              daemonId: box,
              legacyDaemonIds: [local]
            }),
            register(b, workspace, providers, { daemonId: local, legacyDaemonIds: [box] })
          ]))
      )
      const left = yield* a.registry.list(workspace.id)
      deepStrictEqual(left.map(({ provider }) => provider).toSorted(), providers)
      strictEqual(new Set(left.map(({ daemonId }) => daemonId)).size, 1)
    }))

  it.effect("concurrent registrations, beats, deregistrations and sweeps of the same runtimes never fail each other", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const ids = (yield* register(a, workspace, providers)).map(({ id }) => id)
      const backwards = ids.toReversed()
      for (let round = 0; round < 10; round++) {
        const at = round + 4_000_000_000_000
        yield* together<unknown, unknown, never>([
          register(a, workspace, providers),
          b.registry.touch(new Map(backwards.map((id) => [id, at]))),
          a.registry.touch(new Map(ids.map((id) => [id, at]))),
          register(b, workspace, providers.toReversed()),
          b.registry.markOffline(backwards),
          a.registry.markStale(ids, at + 1),
          a.registry.markOffline(ids),
          b.registry.markStale(backwards, at + 1)
        ])
      }
      deepStrictEqual(sortedIds(yield* b.registry.list(workspace.id)), ids.toSorted())
    }))
}
