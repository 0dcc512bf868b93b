import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Fiber, Layer, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { CliFailed, Clis, type FoundClis } from "../../src/runtime/Clis.ts"
import { CliWatch } from "../../src/runtime/CliWatch.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { cli } from "../support/FakeClis.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { found } from "./harness.ts"

const views = Queue.unbounded<FoundClis>()

const sofar = (...providers: ReadonlyArray<string>): FoundClis => ({ ...found(...providers), complete: false })

/** A machine whose CLIs answer when the test lets them; one discovery. */
const watched = Effect.gen(function*() {
  const look = yield* views
  const server = yield* FakeServer.make
  const clis = Layer.succeed(Clis, {
    look: Stream.takeUntil(Stream.fromQueue(look), ({ complete }) => complete),
    version: () => Effect.fail(new CliFailed({ verdict: "unable", message: "not asked here" })),
    listModels: () => Effect.fail(new CliFailed({ verdict: "unable", message: "not asked here" }))
  })
  const layer = CliWatch.layer.pipe(
    Layer.provideMerge(RuntimeSet.layer),
    Layer.provide([clis, server.layer, Conditions.layer])
  )
  return { look, context: yield* Layer.build(layer) }
})

describe("the watch of CLIs", () => {
  it.effect("F-12 the first discovery is over when every CLI was asked once, slow or not", () =>
    Effect.gen(function*() {
      const { context, look } = yield* watched
      yield* Effect.gen(function*() {
        const over = yield* Effect.forkChild((yield* CliWatch).firstLook)
        yield* Queue.offer(look, { ...sofar("codex"), askedOnce: true })
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(over)
        assert.deepStrictEqual([...(yield* (yield* RuntimeSet).state).clis.keys()], ["codex"])
      }).pipe(Effect.provideContext(context))
    }))

  it.effect("D-15 one that hangs does not delay others: they are known 3 s after the last of them answered", () =>
    Effect.gen(function*() {
      const { context, look } = yield* watched
      yield* Effect.gen(function*() {
        const set = yield* RuntimeSet
        yield* Queue.offer(look, sofar("codex"))
        yield* TestClock.adjust("2 seconds")
        yield* Queue.offer(look, sofar("codex", "claude"))
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual((yield* set.state).clis.size, 0)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual([...(yield* set.state).clis.keys()], ["codex", "claude"])
      }).pipe(Effect.provideContext(context))
    }))

  it.effect("the last answer ends the discovery at once", () =>
    Effect.gen(function*() {
      const { context, look } = yield* watched
      yield* Effect.gen(function*() {
        const set = yield* RuntimeSet
        const over = yield* Effect.forkChild((yield* CliWatch).firstLook)
        yield* Queue.offer(look, sofar("codex"))
        yield* TestClock.adjust("3 seconds")
        assert.isUndefined(over.pollUnsafe())
        const skipped = [{ provider: "opencode", path: "/bin/opencode", verdict: "slow" as const, reason: "hangs" }]
        yield* Queue.offer(look, { found: [cli("codex")], skipped, complete: true })
        yield* Fiber.join(over)
        assert.deepStrictEqual((yield* set.state).skipped, skipped)
      }).pipe(Effect.provideContext(context))
    }))
})
