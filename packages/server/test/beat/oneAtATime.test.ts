import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { Deferred, Effect, Fiber, Scheduler } from "effect"
import { randomUUID } from "node:crypto"
import { makeOneAtATime } from "../../src/beat/oneAtATime.ts"
import { within } from "../../src/beat/within.ts"

const id = Runtime.RuntimeId.make(randomUUID())

describe("the probes of one runtime", () => {
  it.effect("H-12 an interruption at any operation of a probe leaves no turn behind", () =>
    Effect.gen(function*() {
      const oneAtATime = makeOneAtATime()
      const probe = (work: () => Effect.Effect<string>) => oneAtATime(id, false, work, () => Effect.succeed("nothing"))
      // After every second or third operation comes a turn of the scheduler, in which the fiber can be interrupted.
      const cases = [2, 3].flatMap((operations) => Array.from({ length: 8 }, (_, turns) => ({ operations, turns })))
      for (const { operations, turns } of cases) {
        const interrupted = yield* probe(() => Effect.never).pipe(
          Effect.provideService(Scheduler.MaxOpsBeforeYield, operations),
          Effect.forkChild({ startImmediately: true })
        )
        for (let i = 0; i < turns; i++) yield* Effect.yieldNow
        yield* Fiber.interrupt(interrupted)
        assert.strictEqual(yield* probe(() => Effect.succeed("probed")), "probed", `${operations}, ${turns}`)
      }
    }))

  it.effect("H-12 one that waits starts at the end of the one under way; a further one returns nothing", () =>
    Effect.gen(function*() {
      const oneAtATime = makeOneAtATime()
      const ended = yield* Deferred.make<string>()
      const probe = (work: Effect.Effect<string>, waits = true) =>
        Effect.forkChild(oneAtATime(id, waits, () => work, () => Effect.succeed("nothing")), { startImmediately: true })
      const first = yield* probe(Deferred.await(ended))
      const second = yield* probe(Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(yield* probe(Effect.succeed("third"))), "nothing")
      assert.strictEqual(yield* Fiber.join(yield* probe(Effect.succeed("beat"), false)), "nothing")
      assert.strictEqual(second.pollUnsafe(), undefined)
      yield* Deferred.succeed(ended, "first")
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], ["first", "second"])
    }))

  it.effect("H-04 a probe is interrupted with its beat", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      const probe = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const beat = yield* Effect.forkChild(within(probe, "1 second", () => Effect.succeed("late")), {
        startImmediately: true
      })
      yield* Fiber.interrupt(beat)
      yield* Deferred.await(interrupted)
    }))
})
