import { it } from "@effect/vitest"
import { assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ask, claimOne, completed, freshRuntime, look, mayWait, pendingTimeout, runningTimeout } from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind } from "./SampleKinds.ts"

/** What changes with time, to the millisecond. */
export const limits = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-07 a pending request exactly at its limit is pending, and past it times out and is never claimed [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const { pending, retention } = kind.terms
      yield* TestClock.adjust(10)
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(pending)
      deepStrictEqual(yield* look(b, request), request)
      strictEqual(yield* mayWait(b, kind, runtime), true)
      yield* TestClock.adjust(1)
      const timedOut = pendingTimeout(request)
      deepStrictEqual(yield* look(b, request), timedOut)
      assertUndefined(yield* claimOne(a, kind, runtime))
      strictEqual(yield* mayWait(a, kind, runtime), false)
      strictEqual(yield* mayWait(b, kind, runtime), false)
      yield* TestClock.adjust(retention - 1)
      assertUndefined(yield* claimOne(b, kind, runtime))
      deepStrictEqual(yield* look(a, request), timedOut)
    })
  )

  it.effect.each(everyKind)(
    "R-07 a request claimed exactly at its pending limit runs [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(kind.terms.pending)
      strictEqual((yield* claimOne(b, kind, runtime))?.id, request.id)
      yield* TestClock.adjust(1)
      strictEqual((yield* look(a, request))?.state._tag, "Running")
    })
  )

  it.effect.each(everyKind)(
    "R-07 a claim past the pending limit finds nothing without an earlier read [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(kind.terms.pending + 1)
      assertUndefined(yield* claimOne(b, kind, runtime))
      strictEqual((yield* look(a, request))?.state._tag, "TimedOut")
    })
  )

  it.effect.each(everyKind)(
    "R-08 running past its limit times out on another node than the one that claimed it [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const { running } = kind.terms
      const request = yield* ask(b, kind, runtime)
      yield* TestClock.adjust(3_000)
      const claimed = yield* claimOne(a, kind, runtime)
      yield* TestClock.adjust(running)
      deepStrictEqual(yield* look(b, request), claimed)
      yield* TestClock.adjust(1)
      const timedOut = runningTimeout(request, 3_000)
      deepStrictEqual(yield* look(b, request), timedOut)
      deepStrictEqual(yield* b.settle(runtime, request.id, completed), { _tag: "AlreadySettled", request: timedOut })
      deepStrictEqual(yield* look(a, request), timedOut)
    })
  )

  it.effect.each(everyKind)(
    "R-08 the running limit counts from the first claim, not from creation, and reads do not move it [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const { pending, running } = kind.terms
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(pending)
      const claimed = yield* claimOne(a, kind, runtime)
      for (let step = 0; step < 4; step++) {
        yield* TestClock.adjust(running / 4)
        deepStrictEqual(yield* look(step % 2 === 0 ? b : a, request), claimed)
      }
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* look(b, request), runningTimeout(request, pending))
    })
  )
}
