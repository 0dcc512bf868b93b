import { describe, it } from "@effect/vitest"
import { assertDefined, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Request, Runtime, Uuid } from "@muster/domain"
import { freshDatabase } from "@muster/store-suite"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { Many } from "./Many.ts"
import { twoNodesOn } from "./Nodes.ts"

const done: Request.Outcome = { _tag: "Completed", result: {} }
const limit = Many.terms.pending

/** Two nodes and a pending request; `b`'s clock is slow: the test sets it back before each call. */
const scene = Effect.gen(function*() {
  const nodes = yield* twoNodesOn(yield* freshDatabase)
  const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
  const create = (node: typeof nodes.a) => node.create({ kind: Many, runtimeId, payload: {}, by: null })
  const { request } = yield* create(nodes.a)
  return { ...nodes, create, request, runtimeId }
})

describe("nodes whose clocks differ", () => {
  it.effect("R-10 a request that timed out for one node is neither settled nor claimed by the other", () =>
    Effect.gen(function*() {
      const { a, b, request, runtimeId } = yield* scene
      yield* TestClock.setTime(limit + 1)
      const seen = Option.getOrUndefined(yield* a.get(runtimeId, request.id))
      assertDefined(seen)
      strictEqual(seen.state._tag, "TimedOut")
      yield* TestClock.setTime(limit - 1)
      deepStrictEqual(yield* b.claim(runtimeId, [{ kind: Many.name, max: 1 }]), [])
      deepStrictEqual(yield* b.settle(runtimeId, request.id, done), { _tag: "AlreadySettled", request: seen })
      deepStrictEqual(yield* b.get(runtimeId, request.id), Option.some(seen))
    }))

  it.effect("R-10 a report that is late on one node is not in time on the other", () =>
    Effect.gen(function*() {
      const { a, b, request, runtimeId } = yield* scene
      yield* TestClock.setTime(limit + 1)
      const late = yield* a.settle(runtimeId, request.id, done)
      yield* TestClock.setTime(limit - 1)
      deepStrictEqual(yield* b.settle(runtimeId, request.id, done), late)
    }))

  it.effect("R-14 a request that a claim or a create found timed out stays so on the other node", () =>
    Effect.gen(function*() {
      for (const pass of ["claim", "create"] as const) {
        yield* TestClock.setTime(0)
        const { a, b, create, request, runtimeId } = yield* scene
        yield* TestClock.setTime(limit + 1)
        yield* pass === "claim" ? a.claim(runtimeId, [{ kind: Many.name, max: 1 }]) : create(a)
        yield* TestClock.setTime(limit - 1)
        strictEqual((yield* b.settle(runtimeId, request.id, done))._tag, "AlreadySettled")
      }
    }))
})
