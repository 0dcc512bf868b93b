import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { dead } from "../support/Stores.ts"
import { completed, startImport } from "./ImportScene.ts"

describe("an import whose end is not written", () => {
  it.effect("S-04 the store fails after the skill was written: 500, the skill is removed, and the next report counts", () =>
    Effect.gen(function*() {
      let down = true
      const { library, record, report } = yield* startImport({}, {
        requests: (real) => ({
          settle: (...args) => down ? dead("RequestStore.settle") : real.settle(...args)
        })
      })
      const answer = yield* report(completed())
      assert.deepStrictEqual([answer.status, answer.json.error], [500, "failed to persist completion"])
      assert.deepStrictEqual(yield* library, [])
      down = false
      assert.strictEqual((yield* report(completed())).status, 200)
      assert.strictEqual((yield* record).status, "completed")
      assert.strictEqual((yield* library).length, 1)
    }))

  it.effect("S-04 a write that succeeded without an answer keeps its skill", () =>
    Effect.gen(function*() {
      const { library, record, report } = yield* startImport({}, {
        requests: (real) => ({
          settle: (...args) => Effect.andThen(real.settle(...args), dead("RequestStore.settle"))
        })
      })
      assert.strictEqual((yield* report(completed())).status, 500)
      assert.strictEqual((yield* report(completed())).status, 200)
      assert.strictEqual((yield* record).status, "completed")
      assert.strictEqual((yield* library).length, 1)
    }))

  it.effect("S-04 a request that timed out while its skill was written leaves no skill", () =>
    Effect.gen(function*() {
      const { library, record, report } = yield* startImport({}, {
        skills: (real) => ({ add: (input) => Effect.tap(real.add(input), () => TestClock.adjust(61_000)) })
      })
      assert.strictEqual((yield* report(completed())).status, 200)
      const { error, status } = yield* record
      assert.deepStrictEqual([status, error], ["timeout", "daemon did not finish within 60 seconds"])
      assert.deepStrictEqual(yield* library, [])
    }))

  it.effect("S-04 of two concurrent reports one wins, and there is one skill", () =>
    Effect.gen(function*() {
      let other: Effect.Effect<unknown> = Effect.void
      const { library, record, report } = yield* startImport({}, {
        requests: (real) => ({
          // The other report is complete before the end of this one, whose skill exists already.
          settle: (...args) => {
            const first = other
            other = Effect.void
            return Effect.andThen(first, real.settle(...args))
          }
        })
      })
      other = report(completed())
      assert.strictEqual((yield* report(completed())).status, 200)
      assert.deepStrictEqual((yield* library).map(({ id }) => id), [(yield* record).skill.id])
    }))

  it.effect("a dead library: 500, and the daemon reports again", () =>
    Effect.gen(function*() {
      let down = true
      const { record, report } = yield* startImport({}, {
        skills: (real) => ({ add: (input) => down ? dead("SkillLibrary.add") : real.add(input) })
      })
      assert.strictEqual((yield* report(completed())).status, 500)
      assert.strictEqual((yield* record).status, "running")
      down = false
      assert.strictEqual((yield* report(completed())).status, 200)
      assert.strictEqual((yield* record).status, "completed")
    }))
})
