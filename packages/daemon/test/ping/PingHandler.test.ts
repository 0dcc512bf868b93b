import { assert, describe, it } from "@effect/vitest"
import { Request, type Runtime } from "@muster/domain"
import { Deferred, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { makePingHandler } from "../../src/ping/PingHandler.ts"
import { CliFailed } from "../../src/runtime/Clis.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeServer, workspaceId } from "../support/FakeServer.ts"

const pinged = Effect.fnUntraced(function*(clis: FakeClis, via: Runtime.Transport) {
  const [row] = yield* (yield* FakeServer.make).api.register(workspaceId(1), [{ provider: "codex", version: "1.0.0" }])
  const handler = yield* makePingHandler
  yield* (yield* RuntimeSet).setClis(clis.present)
  const runtime = { id: row!.id, workspaceId: workspaceId(1), provider: "codex", name: "Codex", version: "1.0.0" }
  const id = Request.RequestId.make("0".repeat(32))
  return yield* handler(runtime, {}, { id, via, at: -30, reported: Deferred.makeUnsafe() })
})

const answer = (clis: FakeClis, via: Runtime.Transport) =>
  pinged(clis, via).pipe(Effect.provide(Layer.mergeAll(RuntimeSet.layer, clis.layer)))

describe("the daemon's answer to a ping", () => {
  it.effect("S-06 contains the transport, the handling time, and the current version of the CLI", () =>
    Effect.gen(function*() {
      const clis = new FakeClis("codex")
      clis.version = () => Effect.as(TestClock.adjust(12), "2.0.0")
      assert.deepStrictEqual(yield* answer(clis, "socket"), {
        transport: "socket",
        held_ms: 42,
        cli_ms: 12,
        cli_version: "2.0.0"
      })
    }))

  it.effect("S-06 F-12 a CLI that cannot run, is slow, or is absent is a result", () =>
    Effect.gen(function*() {
      const clis = new FakeClis("codex")
      clis.version = () =>
        Effect.fail(new CliFailed({ verdict: "broken", message: "codex --version ended with exit code 127" }))
      assert.deepInclude(yield* answer(clis, "beat"), {
        transport: "beat",
        cli_error: "codex --version ended with exit code 127"
      })
      clis.version = () => Effect.fail(new CliFailed({ verdict: "slow", message: "no answer within 6 s" }))
      assert.deepInclude(yield* answer(clis, "beat"), { cli_error: "no answer within 6 s", cli_verdict: "slow" })
      assert.deepInclude(yield* answer(new FakeClis(), "beat"), { cli_error: "codex is no longer on this machine" })
    }))
})
