import { it } from "@effect/vitest"
import { assertDefined, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  ask,
  claimOne,
  completed,
  freshRuntime,
  idsOf,
  look,
  mayWait,
  runningTimeout,
  together,
  wanted
} from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { Few, repeatedKinds, unrepeatedKinds } from "./SampleKinds.ts"

/** An ack that was lost: R-17. */
export const redelivery = (backend: RequestStoreBackend): void => {
  it.effect.each(repeatedKinds)(
    "R-17 an unanswered delivery is repeated after its delay, up to the kind's maximum, within the first limit [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const { deliveries, redeliverAfter, running } = kind.terms
      yield* TestClock.adjust(1_000)
      const request = yield* ask(a, kind, runtime)
      assertDefined(yield* claimOne(a, kind, runtime))
      for (let delivery = 2; delivery <= deliveries; delivery++) {
        yield* TestClock.adjust(redeliverAfter)
        assertUndefined(yield* claimOne(b, kind, runtime))
        yield* TestClock.adjust(1)
        strictEqual(yield* mayWait(a, kind, runtime), true)
        assertUndefined(yield* claimOne(b, kind, yield* freshRuntime))
        const at = 1_000 + (delivery - 1) * (redeliverAfter + 1)
        deepStrictEqual(yield* claimOne(b, kind, runtime), {
          ...request,
          state: { _tag: "Running", startedAt: 1_000, deliveredAt: at, deliveries: delivery },
          updatedAt: at
        })
        strictEqual(yield* mayWait(a, kind, runtime), false)
      }
      yield* TestClock.adjust(redeliverAfter + 1)
      assertUndefined(yield* claimOne(a, kind, runtime))
      yield* TestClock.setTime(1_000 + running)
      strictEqual((yield* look(b, request))?.state._tag, "Running")
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* look(b, request), runningTimeout(request, 1_000))
    })
  )

  it.effect.each(repeatedKinds)(
    "R-17 one claim takes a second delivery, and a settled request is not delivered again [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(nodes.a, kind, runtime)
      assertDefined(yield* claimOne(nodes.a, kind, runtime))
      yield* TestClock.adjust(kind.terms.redeliverAfter + 1)
      const claimed = yield* together(alternate(nodes, 16).map((node) => node.claim(runtime, wanted(kind))))
      deepStrictEqual(idsOf(claimed.flat()), [request.id])
      strictEqual((yield* nodes.b.settle(runtime, request.id, completed))._tag, "Settled")
      yield* TestClock.adjust(kind.terms.redeliverAfter + 1)
      deepStrictEqual(yield* nodes.a.claim(runtime, wanted(kind)), [])
      deepStrictEqual((yield* look(nodes.a, request))?.state, completed)
    })
  )

  it.effect("R-17 a redelivered request is older than pending ones, so it is first", () =>
    Effect.gen(function*() {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const first = yield* ask(a, Few, runtime)
      assertDefined(yield* claimOne(a, Few, runtime))
      yield* TestClock.adjust(Few.terms.redeliverAfter)
      const second = yield* ask(a, Few, runtime)
      yield* TestClock.adjust(1)
      deepStrictEqual(idsOf(yield* b.claim(runtime, wanted(Few, 10))), [first.id, second.id])
    }))

  it.effect.each(unrepeatedKinds)(
    "R-17 a kind that is delivered once times out instead [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      assertDefined(yield* claimOne(a, kind, runtime))
      yield* TestClock.adjust(kind.terms.redeliverAfter + 1)
      assertUndefined(yield* claimOne(b, kind, runtime))
      yield* TestClock.setTime(kind.terms.running)
      assertUndefined(yield* claimOne(b, kind, runtime))
      yield* TestClock.adjust(1)
      strictEqual((yield* look(b, request))?.state._tag, "TimedOut")
    })
  )
}
