import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { MachineAccess } from "../../src/client/MachineAccess.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { Refused } from "../../src/client/ServerError.ts"
import { makeServerWatch } from "../../src/client/ServerWatch.ts"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { listed, W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeDial } from "../support/FakeDial.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"
import { machineAccess } from "./Fixture.ts"

const refusedWith = (status: number, body = "") => Effect.fail(new Refused({ operation: "test", status, body }))
const ofAnother = "{\"error\":\"…\",\"code\":\"credential_of_another_machine\"}"

/** A daemon of a machine that joined, with one runtime, for a minute; it beats over HTTP. */
const withMachine = <E>(
  test: (parts: {
    readonly server: FakeServer
    readonly status: DaemonStatus["Service"]
    readonly machine: Effect.Success<typeof machineAccess>
    readonly lines: Array<string>
  }) => Effect.Effect<void, E>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    server.listed = listed(W1)
    const dial = yield* FakeDial.make
    dial.refuse = 0
    const log = yield* logLines
    const machine = yield* machineAccess
    const watched = Layer.effect(
      ServerApi,
      Effect.map(makeServerWatch, (watch) =>
        ServerApi.of({
          ...server.api,
          workspaces: watch(server.api.workspaces),
          heartbeat: (id) => watch(server.api.heartbeat(id))
        }))
    )
    const layer = layerDaemonCore.pipe(
      Layer.provide([watched, new FakeClis("codex").layer, dial.layer]),
      Layer.provide([Conditions.layer, Layer.succeed(MachineAccess, machine)]),
      Layer.provideMerge(log.layer)
    )
    yield* Effect.gen(function*() {
      const status = yield* DaemonStatus
      yield* Effect.raceFirst(status.awaitReady, Effect.forever(TestClock.adjust("1 second")))
      yield* TestClock.adjust("1 minute")
      assert.lengthOf((yield* status.snapshot).runtimes, 1)
      log.lines.length = 0
      yield* test({ server, status, machine, lines: log.lines })
    }).pipe(Effect.provide(layer))
  })

describe("a machine that its server has removed", () => {
  it.effect.each([["removed", 401, ""], ["copied from another", 403, ofAnother]] as const)(
    "A-04 %s: stops its work at the first refusal, logs it once, shows it, and retries after minutes",
    ([, status, body]) =>
      withMachine(({ lines, server, status: daemon }) =>
        Effect.gen(function*() {
          server.arriving = () => refusedWith(status, body)
          // The next beat, at most 15 s later, is refused.
          yield* TestClock.adjust("15 seconds")
          const snapshot = yield* daemon.snapshot
          assert.deepStrictEqual([snapshot.runtimes, snapshot.workspaces], [[], []])
          assert.match(snapshot.problem!, /^this machine does no work: /)
          server.calls.length = 0
          // Retries come after 2–4 min each; a condition that lasts 10 min is logged again.
          yield* TestClock.adjust("9 minutes")
          const operations = new Set(server.calls.map(({ operation }) => operation))
          assert.deepStrictEqual([...operations], ["workspaces"])
          assert.isTrue(server.calls.length >= 2 && server.calls.length <= 4, `${server.calls.length} calls`)
          assert.lengthOf(lines.filter((line) => line.includes("this machine does no work")), 1)
        })
      )
  )

  it.effect("A-04 works again within minutes once the server accepts it", () =>
    withMachine(({ lines, server, status }) =>
      Effect.gen(function*() {
        server.arriving = () => refusedWith(401)
        yield* TestClock.adjust("1 minute")
        assert.lengthOf((yield* status.snapshot).runtimes, 0)
        server.arriving = () => Effect.void
        yield* TestClock.adjust("4 minutes")
        assert.lengthOf((yield* status.snapshot).runtimes, 1)
        assert.isTrue(lines.some((line) => line.includes("the server accepts the token again")))
      })
    ))

  it.effect("A-06 with a join key it joins again at once", () =>
    withMachine(({ machine, server, status }) =>
      Effect.gen(function*() {
        server.arriving = () => refusedWith(401)
        machine.onRejoin = () => {
          server.arriving = () => Effect.void
          return true
        }
        yield* TestClock.adjust("15 seconds")
        yield* TestClock.adjust("1 second")
        assert.lengthOf((yield* status.snapshot).runtimes, 1)
      })
    ))
})
