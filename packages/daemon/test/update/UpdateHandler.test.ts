import { assert, describe, it } from "@effect/vitest"
import { Identity, Request, Runtime } from "@muster/domain"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeUpdateHandler } from "../../src/update/UpdateHandler.ts"
import { RunningTasks, UpdateFailed, Updater } from "../../src/update/Updater.ts"

const runtime = {
  id: Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000001"),
  workspaceId: Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000002"),
  provider: "codex",
  name: "Codex",
  version: "1.0.0"
}

/** A daemon of version 1.0.0 with the installer of the test. */
const startDaemon = Effect.fnUntraced(function*(
  install: (target: string) => Effect.Effect<void, UpdateFailed>,
  tasks: () => number = () => 0
) {
  const said: Array<string> = []
  const handler = yield* makeUpdateHandler.pipe(
    Effect.provideService(Updater, {
      version: "1.0.0",
      install: (target) => Effect.andThen(Effect.sync(() => void said.push(`install ${target}`)), install(target)),
      restart: Effect.sync(() => void said.push("restart"))
    }),
    Effect.provideService(RunningTasks, Effect.sync(tasks))
  )
  const update = Effect.fnUntraced(function*(target_version: string) {
    const reported = Deferred.makeUnsafe<void>()
    const delivery = { id: Request.RequestId.make("0".repeat(32)), via: "socket" as const, at: 0, reported }
    const outcome = yield* handler(runtime, { target_version }, delivery).pipe(
      Effect.catch(({ message }) => Effect.succeed({ refused: message }))
    )
    return { outcome, report: Deferred.succeed(reported, undefined) }
  })
  return { said, update }
})

describe("an update request", () => {
  it.effect("S-05 is installed, reported, and only then followed by the restart", () =>
    Effect.gen(function*() {
      const { said, update } = yield* startDaemon(() => Effect.void)
      const { outcome, report } = yield* update("v2.0.0")
      assert.deepStrictEqual(outcome, { output: "Updated to 2.0.0" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(said, ["install 2.0.0"])
      yield* report
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(said, ["install 2.0.0", "restart"])
    }))

  it.effect("S-05 is refused with the reason while tasks run, and during another update", () =>
    Effect.gen(function*() {
      let tasks = 2
      const done = Deferred.makeUnsafe<void>()
      const { said, update } = yield* startDaemon(() => Deferred.await(done), () => tasks)
      assert.deepStrictEqual((yield* update("2.0.0")).outcome, { refused: "2 tasks run here: try again later" })
      tasks = 1
      assert.deepStrictEqual((yield* update("2.0.0")).outcome, { refused: "a task runs here: try again later" })
      tasks = 0
      const first = yield* Effect.forkChild(update("2.0.0"), { startImmediately: true })
      const busy = { refused: "an update is already under way on this machine" }
      assert.deepStrictEqual((yield* update("3.0.0")).outcome, busy)
      yield* Deferred.succeed(done, undefined)
      assert.deepStrictEqual((yield* Fiber.join(first)).outcome, { output: "Updated to 2.0.0" })
      // The restart is to come: what runs now is over.
      assert.deepStrictEqual((yield* update("3.0.0")).outcome, busy)
      assert.deepStrictEqual(said, ["install 2.0.0"])
    }))

  it.effect("S-05 that fails is reported with the reason, causes no restart, and can be repeated", () =>
    Effect.gen(function*() {
      let fails = true
      const { said, update } = yield* startDaemon(() =>
        fails ? Effect.fail(new UpdateFailed({ message: "the checksum is wrong" })) : Effect.void
      )
      const first = yield* update("2.0.0")
      assert.deepStrictEqual(first.outcome, { refused: "the checksum is wrong" })
      yield* first.report
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(said, ["install 2.0.0"])
      fails = false
      assert.deepStrictEqual((yield* update("2.0.0")).outcome, { output: "Updated to 2.0.0" })
    }))

  it.effect("to the running version does nothing; to an invalid version is refused", () =>
    Effect.gen(function*() {
      const { said, update } = yield* startDaemon(() => Effect.void)
      const same = yield* update("1.0.0")
      assert.deepStrictEqual(same.outcome, { output: "Already at 1.0.0" })
      yield* same.report
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* update("latest")).outcome, { refused: "the target version is no version" })
      assert.deepStrictEqual(said, [])
    }))

  it.effect("to a daemon inside another program is refused", () =>
    Effect.gen(function*() {
      const handler = yield* makeUpdateHandler
      const delivery = {
        id: Request.RequestId.make("0".repeat(32)),
        via: "beat" as const,
        at: 0,
        reported: Deferred.makeUnsafe<void>()
      }
      const error = yield* Effect.flip(handler(runtime, { target_version: "2.0.0" }, delivery))
      assert.strictEqual(error.message, "this daemon runs inside another program and cannot update itself")
    }))
})
