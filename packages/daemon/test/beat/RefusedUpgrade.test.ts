import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Dial } from "../../src/beat/Dial.ts"
import { readRefusedUpgrade, SocketEnded } from "../../src/beat/SocketEnded.ts"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { listed, W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"

const ours = `{"error":"a WebSocket upgrade is required","code":"bad_request"}`
const notFound = `{"error":"runtime not found","code":"runtime_not_found"}`

const answers = [
  [
    400,
    { via: "1.1 edge" },
    ours,
    true,
    "the upgrade was answered with 400 (via: 1.1 edge): a WebSocket upgrade is required"
  ],
  [
    400,
    { server: "nginx" },
    "Bad Request\nUpgrade header missing",
    true,
    "the upgrade was answered with 400 (server: nginx): Bad Request Upgrade header missing"
  ],
  [426, {}, "", true, "the upgrade was answered with 426"],
  [200, {}, "<html><body>Hello</body></html>", true, "the upgrade was answered with 200: Hello"],
  [404, {}, notFound, false, "the upgrade was answered with 404: runtime not found"],
  [401, {}, `{"error":"invalid token"}`, false, "the upgrade was answered with 401: invalid token"],
  [400, {}, `{"error":"runtime_ids required"}`, false, "the upgrade was answered with 400: runtime_ids required"],
  [503, { via: ["1.1 a", "1.1 b"] }, "", false, "the upgrade was answered with 503 (via: 1.1 a, 1.1 b)"]
] as const

describe("a refused upgrade", () => {
  it.each(answers)(
    "F-10 %s with %o and %j: that upgrades are not passed on is %s",
    (status, headers, body, noUpgrade, reason) => {
      assert.deepStrictEqual(readRefusedUpgrade({ status, headers, body }), { reason, noUpgrade })
    }
  )

  it.effect("F-10 a proxy that does not pass upgrades causes one line a day, at once, and one dial a minute", () =>
    Effect.gen(function*() {
      const server = yield* FakeServer.make
      server.listed = listed(W1)
      const log = yield* logLines
      let dials = 0
      const dial = Layer.succeed(Dial, {
        dial: () =>
          Effect.suspend(() => {
            dials++
            return Effect.fail(
              new SocketEnded({ reason: "the upgrade was answered with 400", status: 400, noUpgrade: true })
            )
          })
      })
      const layer = layerDaemonCore.pipe(
        Layer.provide([server.layer, new FakeClis("codex").layer, dial, Conditions.layer]),
        Layer.provide(log.layer)
      )
      yield* Effect.gen(function*() {
        yield* TestClock.adjust("10 seconds")
        const said = () => log.lines.filter((line) => line.includes("WebSocket"))
        assert.strictEqual(said().length, 1)
        yield* TestClock.adjust("24 hours")
        assert.strictEqual(said().length, 1, said().join("\n"))
        assert.isAtMost(dials, 24 * 60 + 2)
      }).pipe(Effect.provide(layer))
    }))
})
