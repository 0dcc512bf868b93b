import { it } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { registerOne, registration, scene } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

/** The maximum time (ms) until a call to a dead backend fails. */
const bound = 10_000

/** Each of these calls must fail as unavailable. */
export const allUnavailable = Effect.fnUntraced(function*(
  calls: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>>
) {
  for (const call of calls) {
    const fiber = yield* Effect.forkChild(Effect.flip(call), { startImmediately: true })
    yield* TestClock.adjust(bound)
    strictEqual((yield* Fiber.join(fiber))._tag, "StoreUnavailable")
  }
})

/** A dead registry is neither empty nor has it lost rows. */
export const registryOutage = (backend: StoreBackend): void => {
  it.effect("H-02 with the backend down every call is unavailable, never gone and never empty", () =>
    Effect.gen(function*() {
      const { a, b, outage, user, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* b.registry.find(runtime.id)
      yield* outage
      for (const { registry } of [a, b]) {
        yield* allUnavailable([
          registry.find(runtime.id),
          registry.register(registration(workspace, ["codex"])),
          registry.takeOver(runtime.id, user.id),
          registry.rows([runtime.id]),
          registry.list(workspace.id),
          registry.edit(runtime.id, { name: "Mine" }),
          registry.remove(runtime.id, null),
          registry.markOnline(runtime.id, 0),
          registry.markOffline([runtime.id]),
          registry.touch(new Map([[runtime.id, 0]])),
          registry.stale(0, 10),
          registry.markStale([runtime.id], 0),
          registry.expire(0, 10)
        ])
      }
    }))
}
