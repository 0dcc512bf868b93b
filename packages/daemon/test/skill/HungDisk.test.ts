import { assert, describe, it } from "@effect/vitest"
import { RequestId } from "@muster/domain"
import { Deferred, Effect, Fiber, FileSystem, Option } from "effect"
import { TestClock } from "effect/testing"
import type { Arrival } from "../../src/request/Handlers.ts"
import type { OwnRuntime } from "../../src/runtime/RuntimeState.ts"
import { makeLocalSkillImportHandler } from "../../src/skill/LocalSkillImportHandler.ts"
import { makeLocalSkillListHandler } from "../../src/skill/LocalSkillListHandler.ts"

describe("skills on a disk that does not answer", () => {
  it.effect.each(
    [["list", makeLocalSkillListHandler], ["import", makeLocalSkillImportHandler]] as const
  )("invariant 11 a question of their %s is over when its time is", ([, make]) =>
    Effect.gen(function*() {
      const answers = yield* Deferred.make<void>()
      const reached = yield* Deferred.make<void>()
      const ask = Deferred.succeed(reached, undefined).pipe(
        Effect.andThen(Deferred.await(answers)),
        Effect.andThen(Effect.interrupt),
        Effect.uninterruptible
      )
      const disk = FileSystem.layerNoop({ realPath: () => ask, stat: () => ask })
      const handler = yield* Effect.provide(make, disk)
      const arrival: Arrival = {
        id: RequestId.make("0".repeat(32)),
        via: "socket",
        at: 0,
        reported: Deferred.makeUnsafe()
      }
      const answer = yield* handler({ provider: "claude" } as OwnRuntime, { skill_key: "a" }, arrival).pipe(
        Effect.timeoutOption("50 seconds"),
        Effect.forkChild
      )
      yield* Deferred.await(reached)
      yield* TestClock.adjust("50 seconds")
      const over = answer.pollUnsafe() !== undefined
      yield* Deferred.succeed(answers, undefined)
      assert.isTrue(over, "it waits for the disk")
      assert.isTrue(Option.isNone(yield* Fiber.join(answer)))
    }))
})
