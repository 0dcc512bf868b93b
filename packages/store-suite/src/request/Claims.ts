import { it } from "@effect/vitest"
import { assertDefined, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { alternate, ask, askMany, claimOne, freshRuntime, idsOf, look, together, wanted } from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { Crowd, everyKind, Few, kindsAlone, kindsWithRoom, Lonely, Once, roomOf, Shared } from "./SampleKinds.ts"

/** What each claim returns, and in which order. */
export const claims = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-03 a claim on an empty queue returns nothing, and a claimed request runs from now [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      deepStrictEqual(yield* a.claim(runtime, wanted(kind)), [])
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(5_000)
      deepStrictEqual(yield* b.claim(runtime, wanted(kind)), [{
        ...request,
        state: { _tag: "Running", startedAt: 5_000, deliveredAt: 5_000, deliveries: 1 },
        updatedAt: 5_000
      }])
      deepStrictEqual(yield* b.claim(runtime, wanted(kind)), [])
      deepStrictEqual(yield* a.claim(runtime, wanted(kind)), [])
    })
  )

  it.effect.each(kindsWithRoom)(
    "R-03 the oldest is first, also within one millisecond and across nodes [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const asked = [yield* ask(b, kind, runtime), yield* ask(a, kind, runtime)]
      yield* TestClock.adjust(1)
      asked.push(yield* ask(b, kind, runtime))
      const claimed = [yield* claimOne(a, kind, runtime), yield* claimOne(b, kind, runtime)]
      claimed.push(yield* claimOne(a, kind, runtime))
      deepStrictEqual<ReadonlyArray<unknown>>(claimed.map((request) => request?.id), idsOf(asked))
      assertUndefined(yield* claimOne(a, kind, runtime))
    })
  )

  it.effect.each(everyKind)(
    "R-04 a claim for one runtime does not change the other's queue [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const mine = yield* freshRuntime
      const theirs = yield* freshRuntime
      const request = yield* ask(a, kind, mine)
      deepStrictEqual(yield* b.claim(theirs, wanted(kind)), [])
      deepStrictEqual(yield* look(b, request), request)
      const other = yield* ask(a, kind, theirs)
      strictEqual((yield* claimOne(b, kind, theirs))?.id, other.id)
      deepStrictEqual(yield* look(b, request), request)
      strictEqual((yield* claimOne(b, kind, mine))?.id, request.id)
    })
  )

  for (const claimers of [8, 64]) {
    it.effect.each(everyKind)(
      `R-06 of ${claimers} concurrent claims from two nodes one wins and the others get nothing [$name]`,
      Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
        const nodes = yield* backend.nodes
        const runtime = yield* freshRuntime
        const request = yield* ask(nodes.a, kind, runtime)
        const claimed = yield* together(
          alternate(nodes, claimers).map((node) => node.claim(runtime, wanted(kind)))
        )
        strictEqual(claimed.length, claimers)
        deepStrictEqual(idsOf(claimed.flat()), [request.id])
      })
    )
  }

  it.effect.each(kindsWithRoom)(
    "R-06 many claimers claim each of many requests once [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtime = yield* freshRuntime
      const asked = idsOf(yield* askMany(nodes.a, kind, runtime, Math.min(roomOf(kind), 40)))
      const claimed = yield* together(alternate(nodes, 64).map((node) => node.claim(runtime, wanted(kind))))
      deepStrictEqual(idsOf(claimed.flat()).toSorted(), asked.toSorted())
    })
  )

  it.effect.each(kindsAlone)(
    "R-06 many claimers claim each request of many runtimes once [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtimes = yield* together(Array.from({ length: 12 }, () => freshRuntime))
      const asked = idsOf(yield* Effect.forEach(runtimes, (runtime) => ask(nodes.b, kind, runtime)))
      const claimed = yield* together(
        alternate(nodes, 8).flatMap((node) => runtimes.map((runtime) => node.claim(runtime, wanted(kind))))
      )
      deepStrictEqual(idsOf(claimed.flat()).toSorted(), asked.toSorted())
    })
  )

  it.effect.each(kindsWithRoom)(
    "R-18 a claim returns no more of a kind than it wants, and up to ten if it wants ten [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const asked = idsOf(yield* askMany(a, kind, runtime, Math.min(roomOf(kind), 14)))
      deepStrictEqual(idsOf(yield* b.claim(runtime, wanted(kind, 1))), asked.slice(0, 1))
      deepStrictEqual(idsOf(yield* b.claim(runtime, wanted(kind, 10))), asked.slice(1, 11))
      deepStrictEqual(idsOf(yield* a.claim(runtime, wanted(kind, 10))), asked.slice(11))
    })
  )

  it.effect("R-18 one claim returns each kind that it wants, in that order, and no others", () =>
    Effect.gen(function*() {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const shared = yield* ask(a, Shared, runtime)
      const once = yield* ask(a, Once, runtime)
      const lonely = yield* ask(a, Lonely, runtime)
      const few = yield* askMany(a, Few, runtime, 3)
      const claimed = yield* b.claim(runtime, [
        { kind: Few.name, max: 2 },
        { kind: Crowd.name, max: 10 },
        { kind: "unheard of", max: 1 },
        { kind: Lonely.name, max: 1 },
        { kind: Shared.name, max: 1 }
      ])
      deepStrictEqual(idsOf(claimed), idsOf([...few.slice(0, 2), lonely, shared]))
      deepStrictEqual(yield* look(a, once), once)
      const left = few[2]
      assertDefined(left)
      deepStrictEqual(yield* look(a, left), left)
      strictEqual((yield* claimOne(a, Once, runtime))?.id, once.id)
    }))
}
