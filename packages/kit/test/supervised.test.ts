import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Conditions, supervised } from "../src/index.ts"
import { logLines } from "./support/logLines.ts"

describe("a loop with a defect", () => {
  it.effect("is restarted and logged; the condition ends once it has run for 10 min", () =>
    Effect.gen(function*() {
      const log = yield* logLines
      yield* Effect.gen(function*() {
        const conditions = yield* Conditions
        let begun = 0
        const loop = Effect.suspend(() => ++begun === 1 ? Effect.die(new Error("a bug")) : Effect.never)
        yield* Effect.forkChild(supervised("the loop", loop), { startImmediately: true })
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(begun, 2)
        assert.include(yield* conditions.worst, "the loop failed unexpectedly and restarts in 5 s: Error: a bug")
        yield* TestClock.adjust("11 minutes")
        assert.isNull(yield* conditions.worst)
        assert.strictEqual(log.lines.length, 1)
      }).pipe(Effect.provide([Conditions.layer, log.layer]))
    }))
})
