import { it } from "@effect/vitest"
import { assertDefined, assertUndefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Api, Request, type RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ask, asker, claimOne, completed, freshRuntime, look, payload, result, settledAs, wanted } from "./Fixture.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { everyKind } from "./SampleKinds.ts"

/** Fields of a public record that would reveal the start of a run or the person who asked. */
const secret = /start|deliver|requester|creator|terms|^by$/i

/** A request from its creation to its answer, read on any node. */
export const life = (backend: RequestStoreBackend): void => {
  it.effect.each(everyKind)(
    "R-01 a new request is pending, supported, and reads back the same [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtimeId = yield* freshRuntime
      yield* TestClock.adjust(1_234)
      const { created, request } = yield* a.create({ kind, runtimeId, payload, by: asker })
      deepStrictEqual(request, {
        id: request.id,
        runtimeId,
        kind: kind.name,
        payload,
        terms: kind.terms,
        by: asker,
        state: { _tag: "Pending" },
        createdAt: 1_234,
        updatedAt: 1_234
      })
      strictEqual(created, true)
      strictEqual(Api.publicRecord(kind, request)["supported"], kind.blank["supported"])
      strictEqual(Api.publicRecord(kind, request)["status"], "pending")
      deepStrictEqual(yield* look(a, request), request)
      deepStrictEqual(yield* look(b, request), request)
    })
  )

  it.effect.each(everyKind)(
    "R-01 an unknown id is absent, not an error [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a } = yield* backend.nodes
      const runtimeId = yield* freshRuntime
      yield* ask(a, kind, runtimeId)
      assertUndefined(yield* look(a, { runtimeId, id: yield* Request.randomId }))
    })
  )

  it.effect.each(everyKind)(
    "R-02 the right id with another runtime is absent [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const request = yield* ask(a, kind, yield* freshRuntime)
      const other = yield* freshRuntime
      assertUndefined(yield* look(a, { ...request, runtimeId: other }))
      deepStrictEqual(yield* b.settle(other, request.id, completed), { _tag: "Absent" })
      deepStrictEqual(yield* look(a, request), request)
    })
  )

  it.effect.each(everyKind)(
    "R-05 a change by one node is completely visible to the other [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      yield* TestClock.adjust(700)
      const claimed = yield* claimOne(b, kind, runtime)
      deepStrictEqual(claimed, {
        ...request,
        state: { _tag: "Running", startedAt: 700, deliveredAt: 700, deliveries: 1 },
        updatedAt: 700
      })
      deepStrictEqual(yield* look(a, request), claimed)
      yield* TestClock.adjust(300)
      const settled = yield* b.settle(runtime, request.id, completed)
      const whole = settledAs(request, completed, 1_000)
      deepStrictEqual(settled, { _tag: "Settled", request: whole })
      deepStrictEqual(yield* look(a, request), whole)
    })
  )

  it.effect.each(everyKind)(
    "R-05 a caller cannot change a record outside the store [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtimeId = yield* freshRuntime
      const given = { list: [1] }
      const { request } = yield* a.create({ kind, runtimeId, payload: given, by: null })
      given.list.push(2)
      const pending = yield* look(b, request)
      assertDefined(pending)
      yield* b.claim(runtimeId, wanted(kind))
      strictEqual(pending.state._tag, "Pending")
      const answer = { list: [3] }
      yield* b.settle(runtimeId, request.id, { _tag: "Completed", result: answer })
      answer.list.push(4)
      const seen = yield* look(a, request)
      assertDefined(seen)
      // A backend may let a reader change its own copy; the stored record does not change.
      Reflect.set(seen.payload, "list", [])
      Reflect.set(seen, "kind", "other")
      deepStrictEqual(yield* look(a, request), {
        ...request,
        payload: { list: [1] },
        state: { _tag: "Completed", result: { list: [3] } }
      })
    })
  )

  it.effect.each(everyKind)(
    "R-09 a public record contains neither the start of the run nor the person who asked [$name]",
    Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
      const { a, b } = yield* backend.nodes
      const runtime = yield* freshRuntime
      const request = yield* ask(a, kind, runtime)
      const seen = [request, yield* claimOne(b, kind, runtime), yield* look(a, request)]
      yield* b.settle(runtime, request.id, { _tag: "Completed", result: { models: result["models"]! } })
      seen.push(yield* look(a, request))
      const late = yield* ask(a, kind, runtime)
      yield* claimOne(b, kind, runtime)
      yield* TestClock.adjust(kind.terms.running + 1)
      seen.push(yield* look(a, late))
      for (const record of seen) {
        assertDefined(record)
        strictEqual(record.by, asker)
        const shown = Api.publicRecord(kind, record)
        deepStrictEqual(Object.keys(shown).filter((key) => secret.test(key)), [])
        strictEqual(JSON.stringify(shown).includes(asker), false)
      }
    })
  )
}
