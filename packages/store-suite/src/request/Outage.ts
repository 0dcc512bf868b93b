import { it } from "@effect/vitest"
import { strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ask, completed, freshRuntime, wanted } from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind } from "./SampleKinds.ts"

/** The maximum time (ms) until a call to a dead backend fails. */
const bound = 10_000

/** A dead backend is neither empty nor has it lost records: R-19. */
export const outage = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-19 with the backend down every call is unavailable, never absent and never empty [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b, outage } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* outage
      for (const node of [a, b]) {
        const calls: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>> = [
          ask(node, kind, runtime),
          node.get(runtime, request.id),
          node.waiting(runtime),
          node.waiting(yield* freshRuntime),
          node.claim(runtime, wanted(kind)),
          node.settle(runtime, request.id, completed)
        ]
        for (const call of calls) {
          const fiber = yield* Effect.forkChild(Effect.flip(call), { startImmediately: true })
          yield* TestClock.adjust(bound)
          strictEqual((yield* Fiber.join(fiber))._tag, "StoreUnavailable")
        }
      }
    })
  )
}
