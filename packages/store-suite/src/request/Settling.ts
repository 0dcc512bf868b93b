import { it } from "@effect/vitest"
import { assertDefined, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Request, type RequestKind, type RequestStore } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  ask,
  claimOne,
  completed,
  failed,
  freshRuntime,
  look,
  pendingTimeout,
  settledAs,
  together
} from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind } from "./SampleKinds.ts"

/** A terminal state is final, and one report wins. */
export const settling = (backend: RequestStoreBackend): void => {
  for (const from of ["pending", "running"]) {
    it.effect.each(everyKind)(
      `R-10 the first report of a ${from} request settles it and later ones change nothing [$name]`,
      Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
        const { a, b } = yield* backend.nodes
        const runtime = yield* freshRuntime
        const request = yield* ask(a, kind, runtime)
        if (from === "running") assertDefined(yield* claimOne(b, kind, runtime))
        yield* TestClock.adjust(50)
        const final = settledAs(request, failed, 50)
        deepStrictEqual(yield* a.settle(runtime, request.id, failed), { _tag: "Settled", request: final })
        yield* TestClock.adjust(50)
        const again: RequestStore.Settled = { _tag: "AlreadySettled", request: final }
        deepStrictEqual(yield* a.settle(runtime, request.id, failed), again)
        deepStrictEqual(yield* b.settle(runtime, request.id, completed), again)
        deepStrictEqual(yield* look(b, request), final)
        assertUndefined(yield* claimOne(a, kind, runtime))
      })
    )
  }

  it.effect.each(everyKind)(
    "R-10 a late report does not undo a timeout, and a report exactly at the limit is in time [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const early = yield* ask(a, kind, yield* freshRuntime)
      const late = yield* ask(a, kind, yield* freshRuntime)
      yield* TestClock.adjust(kind.terms.pending)
      strictEqual((yield* b.settle(early.runtimeId, early.id, completed))._tag, "Settled")
      yield* TestClock.adjust(1)
      const timedOut = pendingTimeout(late)
      const answer = yield* b.settle(late.runtimeId, late.id, completed)
      deepStrictEqual(answer, { _tag: "AlreadySettled", request: timedOut })
      deepStrictEqual(yield* look(a, late), timedOut)
    })
  )

  it.effect.each(everyKind)(
    "R-10 concurrent reports and the limit have one winner, the same on both nodes [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(nodes.a, kind, runtime)
      assertDefined(yield* claimOne(nodes.b, kind, runtime))
      yield* TestClock.adjust(kind.terms.running)
      const reports = alternate(nodes, 16).map((node, i): Effect.Effect<unknown, unknown> => {
        const outcome: Request.Outcome = i % 3 === 0 ? completed : { _tag: "Failed", error: `report ${i}` }
        return i === 7 ? TestClock.adjust(1) : i === 9 ? look(node, request) : node.settle(runtime, request.id, outcome)
      })
      const answers = yield* together(reports)
      const final = yield* look(nodes.a, request)
      assertDefined(final)
      deepStrictEqual(yield* look(nodes.b, request), final)
      const settled = answers.filter((answer) => isTagged(answer, "Settled"))
      const refused = answers.filter((answer) => isTagged(answer, "AlreadySettled"))
      deepStrictEqual(settled, final.state._tag === "TimedOut" ? [] : [{ _tag: "Settled", request: final }])
      strictEqual(settled.length + refused.length, 14)
      for (const answer of refused) deepStrictEqual(answer, { _tag: "AlreadySettled", request: final })
    })
  )

  it.effect.each(everyKind)(
    "R-10 a report of an unknown request is absent [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      deepStrictEqual(yield* a.settle(runtime, yield* Request.randomId, completed), { _tag: "Absent" })
      deepStrictEqual(yield* look(a, request), request)
    })
  )

  it.effect.each(everyKind)(
    "R-11 a failure keeps its message and an empty list is a completion [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const first = yield* ask(a, kind, runtime)
      yield* b.settle(runtime, first.id, failed)
      deepStrictEqual((yield* look(a, first))?.state, failed)
      const second = yield* ask(a, kind, runtime)
      const empty: Request.Outcome = { _tag: "Completed", result: { models: [], supported: false } }
      yield* b.settle(runtime, second.id, empty)
      deepStrictEqual((yield* look(a, second))?.state, empty)
    })
  )
}

const isTagged = (value: unknown, tag: string): boolean =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === tag
