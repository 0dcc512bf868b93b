import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { makeRoutineLog } from "../../src/log/RoutineLog.ts"
import { listed, W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"
import { ServedDial } from "../support/ServedDial.ts"

describe("the daemon's log without problems", () => {
  it.effect("F-38 one line each: a runtime registered with its id, work picked up, its result delivered; then none", () =>
    Effect.gen(function*() {
      const server = yield* FakeServer.make
      server.listed = listed(W1)
      const log = yield* logLines
      const dial = new ServedDial(server)
      const layer = layerDaemonCore.pipe(
        Layer.provide([server.layer, new FakeClis("codex").layer, dial.layer]),
        Layer.provide([Conditions.layer, log.layer])
      )
      yield* Effect.gen(function*() {
        const status = yield* DaemonStatus
        yield* Effect.raceFirst(status.awaitReady, Effect.forever(TestClock.adjust("1 second")))
        const { id } = server.row(W1, "codex")!
        assert.deepStrictEqual(log.lines, [`Info registered codex 1.0.0 as runtime ${id} in workspace workspace 1`])
        log.lines.length = 0

        const request = "0".repeat(31) + "1"
        server.work.set(id, { pending_model_list: { id: request } })
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(log.lines, [
          `Info picked up request ${request} (model_list) for codex (box) over WebSocket`,
          `Info delivered result of request ${request} (model_list): completed`
        ])
        log.lines.length = 0
        yield* TestClock.adjust("59 minutes")
        assert.deepStrictEqual(log.lines, [])
      }).pipe(Effect.provide(layer))
    }))

  it.effect("F-38 a flood of work causes 50 lines per 10 min; the next line contains the number of omitted ones", () =>
    Effect.gen(function*() {
      const log = yield* logLines
      yield* Effect.gen(function*() {
        const say = yield* makeRoutineLog
        for (let n = 1; n <= 500; n++) yield* say(`line ${n}`)
        yield* TestClock.adjust("10 minutes")
        yield* say("later")
        yield* say("last")
      }).pipe(Effect.provide(log.layer))
      assert.strictEqual(log.lines.length, 52)
      assert.deepStrictEqual(log.lines.slice(49), [
        "Info line 50",
        "Info later; left out 450 lines like this",
        "Info last"
      ])
    }))
})
