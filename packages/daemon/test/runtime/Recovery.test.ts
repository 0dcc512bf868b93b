import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Unreachable } from "../../src/client/ServerError.ts"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeDial } from "../support/FakeDial.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { listed, W1, W2 } from "./harness.ts"

/** A daemon with a runtime of one CLI in each of two workspaces, for a minute; it beats over HTTP alone. */
const withDaemon = <E>(
  test: (server: FakeServer, status: DaemonStatus["Service"]) => Effect.Effect<void, E>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    server.listed = listed(W1, W2)
    const dial = yield* FakeDial.make
    dial.refuse = 0
    const layer = layerDaemonCore.pipe(
      Layer.provide([server.layer, new FakeClis("codex").layer, dial.layer, Conditions.layer])
    )
    yield* Effect.gen(function*() {
      const status = yield* DaemonStatus
      yield* Effect.raceFirst(status.awaitReady, Effect.forever(TestClock.adjust("1 second")))
      yield* TestClock.adjust("1 minute")
      yield* test(server, status)
    }).pipe(Effect.provide(layer))
  })

/** Moves the clock until this workspace has a runtime; the seconds that it took, of at most 10 min. */
const secondsUntilRegistered = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  for (let seconds = 0; seconds < 600; seconds++) {
    const { runtimes } = yield* status.snapshot
    if (runtimes.some(({ workspaceId }) => workspaceId === W1)) return seconds
    yield* TestClock.adjust("1 second")
  }
  return Infinity
})

const failing = (status: number | null) =>
  Effect.fail(new Unreachable({ operation: "test", reason: "test", status, retryAfter: null }))

describe("a server that recovers", () => {
  it.effect.each([["that does not answer", null], ["whose database is down", 500], ["behind a proxy", 502]] as const)(
    "F-35 a workspace whose registration failed has its runtimes within 35 s of the return of a server %s",
    ([, status]) =>
      withDaemon((server, daemon) =>
        Effect.gen(function*() {
          for (const minutes of [1, 5, 31]) {
            server.delete(server.row(W1, "codex")!.id)
            // The beat learns that it is gone; the registration and all after it fail.
            server.arriving = ({ operation }) => operation === "register" ? failing(status) : Effect.void
            yield* TestClock.adjust("20 seconds")
            assert.strictEqual((yield* daemon.snapshot).runtimes.length, 1)
            server.arriving = () => failing(status)
            yield* TestClock.adjust(`${minutes} minutes`)
            server.arriving = () => Effect.void
            // The next beat or listing, at most 30 s later, and the spread after it.
            assert.isAtMost(yield* secondsUntilRegistered(daemon), 35)
          }
        })
      )
  )

  it.effect("F-35 registrations are spread over the reconnect window of the server", () =>
    withDaemon((server, daemon) =>
      Effect.gen(function*() {
        server.fields = { reconnect_window_ms: 60_000 }
        yield* TestClock.adjust("1 minute")
        const waits: Array<number> = []
        for (let round = 0; round < 8; round++) {
          server.delete(server.row(W1, "codex")!.id)
          server.arriving = ({ operation }) => operation === "register" ? failing(503) : Effect.void
          yield* TestClock.adjust("20 seconds")
          server.arriving = () => failing(503)
          yield* TestClock.adjust("10 minutes")
          server.arriving = () => Effect.void
          waits.push(yield* secondsUntilRegistered(daemon))
        }
        assert.isAtMost(Math.max(...waits), 120)
        assert.isAtLeast(Math.max(...waits) - Math.min(...waits), 10, waits.join())
      })
    ))

  it.effect("F-35 a server that fails only registrations, or flickers, is asked at most twice a minute", () =>
    withDaemon((server, daemon) =>
      Effect.gen(function*() {
        server.delete(server.row(W1, "codex")!.id)
        server.arriving = ({ operation }) => operation === "register" ? failing(500) : Effect.void
        yield* TestClock.adjust("10 minutes")
        assert.isAtMost(server.count("register", W1), 8)

        const before = server.count("register", W1)
        let calls = 0
        server.arriving = ({ operation }) => operation === "register" || ++calls % 2 === 0 ? failing(500) : Effect.void
        yield* TestClock.adjust("10 minutes")
        assert.isAtMost(server.count("register", W1) - before, 20)
        assert.strictEqual((yield* daemon.snapshot).runtimes.length, 1)
      })
    ))
})
