import { assert, describe, it } from "@effect/vitest"
import { ModelList, RequestId } from "@muster/domain"
import { Clock, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { sendReport } from "../../src/request/Outbox.ts"
import type { Report } from "../../src/server/ServerApi.ts"
import { Gone, Refused, Unreachable } from "../../src/server/ServerError.ts"
import { FakeServer } from "../support/FakeServer.ts"

const report = {
  kind: ModelList,
  requestId: RequestId.make("a".repeat(32)),
  outcome: { _tag: "Failed", error: "no" }
} as unknown as Report

const unreachable = (status: number | null, retryAfter: number | null = null) =>
  new Unreachable({ operation: "report", reason: "", status, retryAfter })

/** When the report was sent, in ms, if the server fails so each time; and how it ended. */
const attempts = Effect.fnUntraced(function*(...failures: ReadonlyArray<Gone | Refused | Unreachable | null>) {
  const server = yield* FakeServer.make
  const times: Array<number> = []
  const api = {
    ...server.api,
    report: () =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const failure = failures[Math.min(times.length, failures.length - 1)]!
        times.push(now)
        return failure === null ? Effect.void : Effect.fail(failure)
      })
  }
  const fiber = yield* Effect.forkChild(sendReport(api, report), { startImmediately: true })
  yield* TestClock.adjust("10 minutes")
  return { times, exit: yield* Fiber.await(fiber) }
})

describe("sending reports", () => {
  it.effect.each([
    ["a network error", unreachable(null)],
    ["500", unreachable(500)],
    ["408", unreachable(408)],
    ["429", unreachable(429)]
  ])("D-17 %s is retried at 0, 0.5, 2.5 and 6.5 s, then no more", ([, failure]) =>
    Effect.gen(function*() {
      const { exit, times } = yield* attempts(failure as Unreachable)
      assert.deepStrictEqual(times, [0, 500, 2_500, 6_500])
      assert.isTrue(Exit.isFailure(exit))
    }))

  it.effect("D-17 it ends with the first success", () =>
    Effect.gen(function*() {
      const { exit, times } = yield* attempts(unreachable(503), null)
      assert.deepStrictEqual(times, [0, 500])
      assert.isTrue(Exit.isSuccess(exit))
    }))

  it.effect("D-17 Retry-After is honoured, where it asks for more", () =>
    Effect.gen(function*() {
      const { times } = yield* attempts(unreachable(429, 3_000), unreachable(429, 100), unreachable(429, 3_600_000))
      assert.deepStrictEqual(times, [0, 3_000, 5_000, 65_000])
    }))

  it.effect.each([
    new Refused({ operation: "report", status: 400, body: "invalid request body" }),
    new Refused({ operation: "report", status: 404, body: "request not found" }),
    new Refused({ operation: "report", status: 401, body: "" }),
    new Gone({ operation: "report" })
  ])("D-17 another refusal ends it: %s", (failure) =>
    Effect.gen(function*() {
      const { times } = yield* attempts(failure)
      assert.deepStrictEqual(times, [0])
    }))
})
