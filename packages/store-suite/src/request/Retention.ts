import { it } from "@effect/vitest"
import { assertDefined, assertTrue, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { Request, RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ask, claimOne, completed, freshRuntime, look, mayWait } from "./Fixture.ts"
import type { RequestNode, RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind } from "./SampleKinds.ts"

/** How many records exist at a time in a stream, and how many pass through it. */
const alive = 10
const passing = 300

const assertGone = Effect.fnUntraced(
  function*(node: RequestNode, kind: RequestKind.RequestKind, request: Request.Request) {
    assertUndefined(yield* look(node, request))
    deepStrictEqual(yield* node.settle(request.runtimeId, request.id, completed), { _tag: "Absent" })
    assertUndefined(yield* claimOne(node, kind, request.runtimeId))
    strictEqual(yield* mayWait(node, kind, request.runtimeId), false)
  }
)

/** How long the store keeps records, and that it removes them: R-15. */
export const retention = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-15 a settled record is kept for its retention after the report, at any age, and then removed [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(kind.terms.pending)
      assertDefined(yield* claimOne(b, kind, runtime))
      yield* TestClock.adjust(kind.terms.running)
      yield* b.settle(runtime, request.id, completed)
      yield* TestClock.adjust(kind.terms.retention)
      deepStrictEqual((yield* look(a, request))?.state, completed)
      yield* TestClock.adjust(1)
      yield* assertGone(a, kind, request)
      yield* assertGone(b, kind, request)
    })
  )

  for (const from of ["pending", "running"] as const) {
    it.effect.each(everyKind)(
      `R-15 a ${from} record without reads is kept for its retention after its limit, and then removed [$name]`,
      Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
        const { a, b } = yield* backend.nodes
        const runtime = yield* freshRuntime
        const request = yield* ask(a, kind, runtime)
        if (from === "running") assertDefined(yield* claimOne(b, kind, runtime))
        yield* TestClock.adjust(kind.terms[from] + kind.terms.retention)
        strictEqual((yield* look(b, request))?.state._tag, "TimedOut")
        yield* TestClock.adjust(1)
        yield* assertGone(a, kind, request)
        yield* assertGone(b, kind, request)
      })
    )
  }

  it.effect.each(everyKind)(
    "R-15 a steady stream of requests without a pick-up does not grow the store [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b, held } = yield* backend.nodes
      const before = yield* held
      const life = kind.terms.pending + kind.terms.retention
      for (let i = 0; i < passing; i++) {
        yield* ask(i % 2 === 0 ? a : b, kind, yield* freshRuntime)
        yield* TestClock.adjust(life / alive)
      }
      assertTrue((yield* held) - before <= 4 * alive)
    })
  )

  it.effect.each(everyKind)(
    "R-15 a steady stream of answered requests of one runtime does not grow the store [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b, held } = yield* backend.nodes
      const before = yield* held
      const runtime = yield* freshRuntime
      for (let i = 0; i < passing; i++) {
        const request = yield* ask(a, kind, runtime)
        assertDefined(yield* claimOne(b, kind, runtime))
        if (i % 2 === 0) yield* b.settle(runtime, request.id, completed)
        else yield* TestClock.adjust(kind.terms.running + 1)
        yield* TestClock.adjust(kind.terms.retention / alive)
      }
      assertTrue((yield* held) - before <= 4 * alive)
    })
  )

  it.effect.each(everyKind)(
    "R-15 later calls for other runtimes remove a burst [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b, held } = yield* backend.nodes
      const before = yield* held
      for (let i = 0; i < passing; i++) yield* ask(a, kind, yield* freshRuntime)
      yield* TestClock.adjust(kind.terms.pending + kind.terms.retention + 1)
      for (let i = 0; i < passing / alive; i++) yield* ask(b, kind, yield* freshRuntime)
      assertTrue((yield* held) - before <= 2 * passing / alive + alive)
    })
  )
}
