import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { RequestKind } from "@muster/domain"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import {
  alternate,
  ask,
  asker,
  askMany,
  claimOne,
  completed,
  freshRuntime,
  idsOf,
  payload,
  together
} from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { exclusiveKinds, kindsWithRoom, roomOf, sharedKinds } from "./SampleKinds.ts"

/** How many requests of a kind may be unfinished: R-16. */
export const admission = (backend: RequestStoreBackend): void => {
  it.effect.each(sharedKinds)(
    "R-16 a second request coalesces with the one that waits or runs, and is new after its end [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtimeId = yield* freshRuntime
      const input = { kind, runtimeId, payload, by: null }
      const first = yield* ask(a, kind, runtimeId)
      deepStrictEqual(yield* b.create(input), { request: first, created: false })
      const running = yield* claimOne(b, kind, runtimeId)
      deepStrictEqual(yield* a.create(input), { request: running, created: false })
      strictEqual((yield* a.create({ ...input, runtimeId: yield* freshRuntime })).created, true)
      yield* a.settle(runtimeId, first.id, completed)
      const second = yield* b.create(input)
      strictEqual(second.created, true)
      yield* TestClock.adjust(kind.terms.pending)
      deepStrictEqual(yield* a.create(input), { request: second.request, created: false })
      yield* TestClock.adjust(1)
      const third = yield* a.create(input)
      strictEqual(third.created, true)
      strictEqual(new Set(idsOf([first, second.request, third.request])).size, 3)
    })
  )

  it.effect.each(sharedKinds)(
    "R-16 of many concurrent callers one makes the request and all get it [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtimeId = yield* freshRuntime
      const answers = yield* together(
        alternate(nodes, 16).map((node) => node.create({ kind, runtimeId, payload, by: asker }))
      )
      strictEqual(answers.filter(({ created }) => created).length, 1)
      strictEqual(new Set(answers.map(({ request }) => request.id)).size, 1)
    })
  )

  it.effect.each(exclusiveKinds)(
    "R-16 a second request conflicts while one is unfinished and may be made after [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const { admission, pending } = kind.terms
      const text = admission._tag === "Exclusive" ? admission.conflict : ""
      const first = yield* ask(a, kind, runtime)
      const refused = yield* Effect.flip(ask(b, kind, runtime))
      assertTrue(refused._tag === "RequestConflict")
      deepStrictEqual([refused.id, refused.text], [first.id, text])
      yield* claimOne(b, kind, runtime)
      strictEqual((yield* Effect.flip(ask(a, kind, runtime)))._tag, "RequestConflict")
      strictEqual((yield* ask(b, kind, yield* freshRuntime)).state._tag, "Pending")
      yield* b.settle(runtime, first.id, completed)
      const second = yield* ask(b, kind, runtime)
      yield* TestClock.adjust(pending)
      strictEqual((yield* Effect.flip(ask(a, kind, runtime)))._tag, "RequestConflict")
      yield* TestClock.adjust(1)
      const third = yield* ask(a, kind, runtime)
      strictEqual(new Set(idsOf([first, second, third])).size, 3)
    })
  )

  it.effect.each(exclusiveKinds)(
    "R-16 of many concurrent callers one succeeds and the others conflict with it [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtime = yield* freshRuntime
      const answers = yield* together(alternate(nodes, 16).map((node) => Effect.result(ask(node, kind, runtime))))
      const made = answers.filter(Result.isSuccess).map(({ success }) => success.id)
      const refused = answers.filter(Result.isFailure).map(({ failure }) => failure)
      strictEqual(made.length, 1)
      strictEqual(refused.length, 15)
      for (const failure of refused) {
        assertTrue(failure._tag === "RequestConflict")
        strictEqual(failure.id, made[0])
      }
    })
  )

  it.effect.each(kindsWithRoom)(
    "R-16 up to the cap may wait, one more is refused with its reason, and a claim or a timeout makes room [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const max = roomOf(kind)
      const asked = yield* askMany(a, kind, runtime, max)
      strictEqual(new Set(idsOf(asked)).size, max)
      const refused = yield* Effect.flip(ask(b, kind, runtime))
      assertTrue(refused._tag === "RequestsFull")
      deepStrictEqual([refused.kind, refused.max], [kind.name, max])
      strictEqual((yield* ask(b, kind, yield* freshRuntime)).state._tag, "Pending")
      yield* claimOne(b, kind, runtime)
      yield* ask(b, kind, runtime)
      strictEqual((yield* Effect.flip(ask(b, kind, runtime)))._tag, "RequestsFull")
      yield* TestClock.adjust(kind.terms.pending)
      strictEqual((yield* Effect.flip(ask(a, kind, runtime)))._tag, "RequestsFull")
      yield* TestClock.adjust(1)
      strictEqual((yield* askMany(a, kind, runtime, max)).length, max)
      strictEqual((yield* Effect.flip(ask(b, kind, runtime)))._tag, "RequestsFull")
    })
  )

  it.effect.each(kindsWithRoom)(
    "R-16 many concurrent callers do not exceed the cap [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const nodes = yield* backend.nodes
      const runtime = yield* freshRuntime
      const max = roomOf(kind)
      yield* askMany(nodes.a, kind, runtime, max - 2)
      const answers = yield* together(alternate(nodes, 16).map((node) => Effect.result(ask(node, kind, runtime))))
      strictEqual(answers.filter(Result.isSuccess).length, 2)
    })
  )
}
