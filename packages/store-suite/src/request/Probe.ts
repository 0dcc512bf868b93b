import { it } from "@effect/vitest"
import { assertDefined, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ask, claimOne, completed, failed, freshRuntime, idsOf, look, mayWait, together, wanted } from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind, sampleKinds } from "./SampleKinds.ts"

/** Between the probe and the claim, and dead entries in the queue. */
export const probe = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-12 the probe is true after a create, for that runtime and kind, and false before it and after the claim [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      deepStrictEqual(yield* a.waiting(runtime), [])
      const idle = b.waiting(runtime)
      yield* ask(a, kind, runtime)
      deepStrictEqual(yield* a.waiting(runtime), [kind.name])
      // Made before there was work, run after: an effect reads when it runs.
      deepStrictEqual(yield* idle, [kind.name])
      deepStrictEqual(yield* b.waiting(yield* freshRuntime), [])
      assertDefined(yield* claimOne(b, kind, runtime))
      deepStrictEqual(yield* a.waiting(runtime), [])
      deepStrictEqual(yield* b.waiting(runtime), [])
    })
  )

  it.effect("R-12 the probe returns every kind that waits", () =>
    Effect.gen(function*() {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      yield* Effect.forEach(sampleKinds, (kind) => ask(a, kind, runtime))
      deepStrictEqual((yield* b.waiting(runtime)).toSorted(), sampleKinds.map(({ name }) => name).toSorted())
    }))

  it.effect.each(everyKind)(
    "R-13 fifty dead heads are removed and the live one is returned in the same call [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      for (let head = 0; head < 50; head++) {
        yield* ask(head % 2 === 0 ? a : b, kind, runtime)
        yield* TestClock.adjust(kind.terms.pending + 1)
      }
      const live = yield* ask(a, kind, runtime)
      deepStrictEqual(idsOf(yield* b.claim(runtime, wanted(kind, 10))), [live.id])
      strictEqual(yield* mayWait(a, kind, runtime), false)
    })
  )

  it.effect.each(everyKind)(
    "R-13 a queue whose records are settled or lost returns the next live one [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b, lose } = yield* backend.nodes
      const runtime = yield* freshRuntime
      for (let head = 0; head < 50; head++) {
        const { id } = yield* ask(a, kind, runtime)
        // A lost record frees only its own place: if one may wait, the next caller finds the place free.
        yield* lose === undefined || head % 2 === 0 ? b.settle(runtime, id, failed) : lose(id)
      }
      const live = yield* ask(a, kind, runtime)
      deepStrictEqual(idsOf(yield* b.claim(runtime, wanted(kind, 10))), [live.id])
      strictEqual(yield* mayWait(a, kind, runtime), false)
    })
  )

  it.effect.each(everyKind)(
    "R-14 a claim does not revive what another node settled since the probe [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      strictEqual(yield* mayWait(b, kind, runtime), true)
      yield* a.settle(runtime, request.id, completed)
      assertUndefined(yield* claimOne(b, kind, runtime))
      deepStrictEqual((yield* look(b, request))?.state, completed)
    })
  )

  it.effect.each(everyKind)(
    "R-14 a claim does not revive what timed out since the probe [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(kind.terms.pending)
      strictEqual(yield* mayWait(b, kind, runtime), true)
      yield* TestClock.adjust(1)
      const timedOut = yield* look(a, request)
      strictEqual(timedOut?.state._tag, "TimedOut")
      assertUndefined(yield* claimOne(b, kind, runtime))
      deepStrictEqual(yield* look(b, request), timedOut)
    })
  )

  it.effect.each(everyKind)(
    "R-14 with a concurrent claim and report the report wins, and the request is not claimed after [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      for (let round = 0; round < 20; round++) {
        const runtime = yield* freshRuntime
        const request = yield* ask(a, kind, runtime)
        const claim = a.claim(runtime, wanted(kind))
        const report = b.settle(runtime, request.id, completed)
        const race: ReadonlyArray<Effect.Effect<unknown, unknown>> = [claim, report]
        yield* together(round % 2 === 0 ? race : race.toReversed())
        deepStrictEqual((yield* look(a, request))?.state, completed)
        deepStrictEqual(yield* b.claim(runtime, wanted(kind)), [])
      }
    })
  )
}
