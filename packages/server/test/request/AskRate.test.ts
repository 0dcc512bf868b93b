import { assert, describe, it } from "@effect/vitest"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ServerMetrics } from "../../src/metrics/ServerMetrics.ts"
import { asksPerMinute, makeAskRate } from "../../src/request/AskRate.ts"

const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`
const [ana, bob, carl] = [Identity.UserId.make(uuid(1)), Identity.UserId.make(uuid(2)), Identity.UserId.make(uuid(3))]
const [home, elsewhere] = [Identity.WorkspaceId.make(uuid(4)), Identity.WorkspaceId.make(uuid(5))]

describe("the rate of requests", () => {
  it.effect("F-27 a person and a workspace have a bound each, which leaves capacity for others and ends with its minute", () =>
    Effect.gen(function*() {
      const admit = yield* makeAskRate
      const ask = (by: Identity.UserId, workspace: Identity.WorkspaceId, count: number) =>
        Effect.forEach(Array.from({ length: count }), () => admit(by, workspace), { discard: true })
      yield* ask(ana, home, asksPerMinute.person)
      assert.deepInclude(yield* Effect.flip(admit(ana, elsewhere)), {
        error: "you asked 3000 times within a minute, which is the maximum: ask again in a minute",
        code: "too_many"
      })
      yield* ask(bob, home, asksPerMinute.workspace - asksPerMinute.person)
      assert.deepInclude(yield* Effect.flip(admit(carl, home)), {
        error: "this workspace was asked 6000 times within a minute, which is the maximum: ask again in a minute"
      })
      yield* admit(carl, elsewhere)
      yield* TestClock.adjust("1 minute")
      yield* admit(ana, home)
    }).pipe(Effect.provide(ServerMetrics.layer)))
})
