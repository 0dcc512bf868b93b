import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Dial } from "../../src/beat/Dial.ts"
import { SocketEnded } from "../../src/beat/SocketEnded.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { Refused, Unreachable } from "../../src/client/ServerError.ts"
import { makeServerWatch } from "../../src/client/ServerWatch.ts"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { layerDaemonMetrics } from "../../src/metrics/DaemonMetrics.ts"
import { listed, W1, W2 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"
import { ServedDial } from "../support/ServedDial.ts"

const print = (figure: string) => void process.stdout.write(`invariant 10, daemon, ${figure}\n`)

/** The server in memory, its calls watched as those over HTTP are. */
const layerWatched = (server: FakeServer) =>
  Layer.effect(
    ServerApi,
    Effect.map(makeServerWatch, (watch) =>
      ServerApi.of({
        ...server.api,
        workspaces: watch(server.api.workspaces),
        register: (workspace, clis) => watch(server.api.register(workspace, clis), true),
        heartbeat: (id) => watch(server.api.heartbeat(id)),
        recoverOrphans: (id) => watch(server.api.recoverOrphans(id)),
        report: (report) => watch(server.api.report(report))
      }))
  )

interface Parts {
  readonly server: FakeServer
  readonly dial: ServedDial & { status: number | null | undefined }
  readonly status: DaemonStatus["Service"]
  readonly lines: Array<string>
}

/** A whole daemon of two runtimes in each of two workspaces that has run for a minute. */
const withDaemon = <A, E>(test: (parts: Parts) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    server.listed = listed(W1, W2)
    const clis = new FakeClis("codex", "claude")
    const log = yield* logLines
    const served = Object.assign(new ServedDial(server), { status: undefined as number | null | undefined })
    const dial = Layer.effect(
      Dial,
      Effect.map(Dial, ({ dial }) => ({
        dial: (ids) =>
          Effect.suspend(() =>
            served.status === undefined
              ? dial(ids)
              : Effect.fail(new SocketEnded({ reason: "refused", status: served.status }))
          )
      }))
    ).pipe(Layer.provide(served.layer))
    const layer = layerDaemonCore.pipe(
      Layer.provide([layerWatched(server), clis.layer, dial]),
      Layer.provide([Conditions.layer, log.layer, layerDaemonMetrics])
    )
    yield* Effect.gen(function*() {
      const status = yield* DaemonStatus
      yield* Effect.raceFirst(status.awaitReady, Effect.forever(TestClock.adjust("1 second")))
      yield* TestClock.adjust("1 minute")
      log.lines.length = 0
      server.calls.length = 0
      return yield* test({ server, dial: served, status, lines: log.lines })
    }).pipe(Effect.provide(layer))
  })

const hour = Effect.andThen(TestClock.adjust("59 minutes"), TestClock.adjust("59 seconds"))

const withinBudget = (name: string, lines: ReadonlyArray<string>) => {
  print(`${name}: ${lines.length} lines in an hour`)
  assert.isAtMost(lines.length, 8, lines.join("\n"))
}

describe("the log budget of the daemon", () => {
  it.effect("invariant 10 a deleted runtime: one line, and one when it is registered again", () =>
    withDaemon(({ lines, server, status }) =>
      Effect.gen(function*() {
        server.delete(server.row(W1, "codex")!.id)
        yield* hour
        withinBudget("a deleted runtime", lines)
        assert.isAtMost(lines.length, 2, lines.join("\n"))
        assert.strictEqual(server.count("register"), 1)
        assert.strictEqual((yield* status.snapshot).runtimes.length, 4)
      })
    ))

  it.effect("invariant 10 a runtime that the server reports as gone again and again, for an hour", () =>
    withDaemon(({ lines, server }) =>
      Effect.gen(function*() {
        const ghost = server.row(W1, "codex")!.id
        const has = server.has.bind(server)
        server.has = (id) => id !== ghost && has(id)
        yield* hour
        withinBudget("a runtime that stays gone", lines)
        print(`a runtime that stays gone: ${server.count("register")} registrations in an hour`)
        assert.isAtMost(server.count("register"), 5 * 60)
      })
    ))

  it.effect.each([["a dead server", null], ["a server in trouble", 503]] as const)(
    "invariant 10 %s for an hour: beats, sync, socket and registration all fail",
    ([name, status]) =>
      withDaemon(({ dial, lines, server }) =>
        Effect.gen(function*() {
          server.delete(server.row(W1, "codex")!.id)
          yield* TestClock.adjust("1 second")
          server.arriving = ({ operation }) =>
            Effect.fail(new Unreachable({ operation, reason: "ECONNREFUSED", status, retryAfter: null }))
          dial.status = status
          dial.drop()
          lines.length = 0
          yield* hour
          const during = lines.length
          withinBudget(name, lines)
          assert.match(lines.join("\n"), /\(\d{2,} times so far\)/)
          server.arriving = () => Effect.void
          dial.status = undefined
          yield* TestClock.adjust("35 minutes")
          assert.isAtMost(lines.length - during, 4, lines.join("\n"))
          assert.include(lines.join("\n"), "the server answers again")
        })
      )
  )

  it.effect("invariant 10 an expired or revoked token for an hour: one condition, slow retries, and the status names it", () =>
    withDaemon(({ dial, lines, server, status }) =>
      Effect.gen(function*() {
        server.arriving = ({ operation }) => Effect.fail(new Refused({ operation, status: 401, body: "invalid token" }))
        dial.status = 401
        dial.drop()
        yield* hour
        withinBudget("a revoked token", lines)
        assert.match(lines[0]!, /^Warn the server refuses this daemon's token \(it may be expired or revoked\)/)
        assert.match((yield* status.snapshot).problem ?? "", /^the server refuses this daemon's token/)
        // Four runtimes and the sync, each at most once a minute.
        assert.isAtMost(server.calls.length, 5 * 61)
        print(`a revoked token: ${server.calls.length} calls in an hour`)
        server.arriving = () => Effect.void
        dial.status = undefined
        yield* TestClock.adjust("3 minutes")
        assert.include(lines.join("\n"), "the server accepts the token again")
        assert.strictEqual((yield* status.snapshot).problem, null)
      })
    ))
})
