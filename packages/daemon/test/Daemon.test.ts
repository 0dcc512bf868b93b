import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Exit, Fiber, Layer, Redacted, Scope } from "effect"
import { FileSystem } from "effect/FileSystem"
import { TestClock } from "effect/testing"
import { layerDaemonCore, layerServerAccess } from "../src/Daemon.ts"
import { DaemonStatus } from "../src/DaemonStatus.ts"
import { W1, W2 } from "./runtime/harness.ts"
import { FakeClis } from "./support/FakeClis.ts"
import { logLines } from "./support/logLines.ts"
import { settle } from "./support/settle.ts"
import { WireServer } from "./support/WireServer.ts"

interface Parts {
  readonly server: WireServer
  readonly clis: FakeClis
  readonly status: DaemonStatus["Service"]
  readonly lines: ReadonlyArray<string>
  /** Ends the daemon, as its process does. */
  readonly stop: Effect.Effect<void>
}

/** A whole daemon with codex and claude, over real HTTP and a real socket; only the CLIs and the clock are not real. */
const withDaemon = <A, E>(
  test: (parts: Parts) => Effect.Effect<A, E>,
  prepare: (server: WireServer) => Effect.Effect<void> = () => Effect.void
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem
    const server = yield* WireServer.make
    const clis = new FakeClis("codex", "claude")
    const log = yield* logLines
    server.fake.listed = [{ id: W1, name: "Acme" }]
    yield* prepare(server)
    const options = {
      serverUrl: server.url,
      token: Redacted.make("mul_secret"),
      dataDir: yield* fs.makeTempDirectoryScoped(),
      deviceName: "box",
      clientVersion: "0.1.0"
    }
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const daemon = layerDaemonCore.pipe(
      Layer.provide([layerServerAccess(options), clis.layer]),
      Layer.provide(Conditions.layer)
    )
    const status = yield* Effect.flatMap(Layer.buildWithScope(daemon, scope), (context) =>
      Effect.provide(DaemonStatus, context)).pipe(Effect.provide(log.layer))
    return yield* test({ server, clis, status, lines: log.lines, stop: Scope.close(scope, Exit.void) })
  }).pipe(Effect.provide(NodeFileSystem.layer))

const ids = (status: DaemonStatus["Service"]) =>
  Effect.map(status.snapshot, ({ runtimes }) => runtimes.map(({ id }) => id).toSorted())

/** Lets real input and output proceed; the clock does not advance. */
const realTurns = Effect.repeat(settle, { times: 5 })

/** Time passes, a second at a time, until this has happened. */
const meanwhile = <A, E>(event: Effect.Effect<A, E>) =>
  Effect.raceFirst(event, Effect.forever(Effect.andThen(TestClock.adjust("1 second"), settle)))

/** Time passes in steps short enough for calls to be answered before their deadline. */
const pass = (seconds: number) =>
  Effect.repeat(Effect.andThen(TestClock.adjust("5 seconds"), realTurns), { times: seconds / 5 - 1 })

describe("the daemon", () => {
  it.effect("registers, connects, and reports its status", () =>
    withDaemon(({ server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        const open = yield* server.next("open")
        const snapshot = yield* status.snapshot
        assert.deepStrictEqual(
          snapshot.runtimes.map((
            { name, path, provider, version, workspaceId }
          ) => [provider, name, version, path, workspaceId]),
          [
            ["codex", "codex (box)", "1.0.0", "/bin/codex", W1],
            ["claude", "claude (box)", "1.0.0", "/bin/claude", W1]
          ]
        )
        assert.deepStrictEqual(open.ids, yield* ids(status))
        assert.include(open.headers, { authorization: "Bearer mul_secret", "x-client-platform": "daemon" })
        assert.strictEqual(snapshot.problem, null)
        yield* server.next("beat")
        yield* server.next("beat")
        yield* server.delivered
        yield* settle
        assert.strictEqual((yield* status.snapshot).state, "running")
        assert.strictEqual((yield* status.snapshot).socket, "connected")
      })
    ))

  it.effect("D-02 a runtime_gone ack → registered again, a new socket with the new ids, at once", () =>
    withDaemon(({ server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        const { ids: before } = yield* server.next("open")
        yield* server.next("beat")
        yield* server.next("beat")
        server.fake.delete(server.fake.row(W1, "codex")!.id)
        yield* TestClock.adjust("15 seconds")
        // The socket is dialed without the dead one, or at once with the new one: that is the reply's speed to decide.
        let open = yield* server.next("open")
        if (open.ids.length === 1) open = yield* server.next("open")
        assert.strictEqual(open.ids.length, 2)
        assert.notDeepEqual(open.ids, before)
        assert.deepStrictEqual(open.ids, [...server.fake.rows.values()].map(({ id }) => id).toSorted())
        assert.strictEqual(server.fake.count("register"), 2)
        assert.deepStrictEqual(yield* ids(status), [...open.ids])
      })
    ))

  it.effect("D-02 F-39 an HTTP beat answered 200 with runtime_gone: true → registered again, and never counted as a beat", () =>
    withDaemon(
      ({ server, status }) =>
        Effect.gen(function*() {
          yield* status.awaitReady
          const dead = server.fake.row(W1, "codex")!.id
          server.fake.delete(dead)
          server.script = ({ body, path }) =>
            path.endsWith("/heartbeat") && body.includes(dead)
              ? { status: 200, body: JSON.stringify({ status: "ok", runtime_gone: true }) }
              : undefined
          yield* server.fake.forget
          yield* meanwhile(server.fake.next("register"))
          yield* meanwhile(server.fake.next("heartbeat"))
          const { runtimes } = yield* status.snapshot
          assert.sameMembers(runtimes.map(({ id }) => id), [...server.fake.rows.values()].map(({ id }) => id))
          assert.notInclude(runtimes.map(({ id }) => id), dead)
          assert.strictEqual(server.fake.count("register"), 2)
          const beats = () => server.received.filter(({ body }) => body.includes(dead)).length
          const before = beats()
          yield* pass(60)
          assert.strictEqual(beats(), before, "nothing more is asked of the dead id")
        }),
      (server) => Effect.sync(() => void (server.refuse = 503))
    ))

  it.effect("D-02 without a socket an HTTP beat detects it", () =>
    withDaemon(
      ({ server, status }) =>
        Effect.gen(function*() {
          yield* status.awaitReady
          const dead = server.fake.row(W1, "codex")!.id
          server.fake.delete(dead)
          yield* server.fake.forget
          yield* meanwhile(server.fake.next("register"))
          assert.strictEqual(server.fake.count("heartbeat", dead), 1)
        }),
      (server) => Effect.sync(() => void (server.refuse = 503))
    ))

  it.effect("D-16 acks over the socket suppress HTTP beats; their absence and a disconnect do not", () =>
    withDaemon(({ server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        yield* server.next("open")
        const fifteen = Effect.gen(function*() {
          yield* TestClock.adjust("15 seconds")
          yield* server.next("beat")
          yield* server.next("beat")
          yield* server.delivered
          yield* settle
        })
        yield* server.next("beat")
        yield* server.next("beat")
        yield* server.delivered
        yield* settle
        yield* Effect.repeat(fifteen, { times: 7 })
        assert.strictEqual(server.fake.count("heartbeat"), 0)

        const codex = server.fake.row(W1, "codex")!.id
        const claude = server.fake.row(W1, "claude")!.id
        server.onBeat = (id) => id === codex ? [DaemonSocket.ackFrame(id, {})] : []
        yield* server.fake.forget
        yield* fifteen
        yield* fifteen
        yield* fifteen
        yield* server.fake.next("heartbeat")
        assert.strictEqual(server.fake.count("heartbeat", codex), 0)
        assert.isAtLeast(server.fake.count("heartbeat", claude), 1)

        server.refuse = 503
        for (const socket of server.sockets) socket.terminate()
        yield* server.next("close")
        yield* meanwhile(Effect.gen(function*() {
          while (server.fake.count("heartbeat", codex) === 0) yield* server.fake.next("heartbeat")
        }))
      })
    ))

  it.effect("D-16 a half-open socket is noticed within 60 s; pings keep one that has no acks to read", () =>
    withDaemon(({ server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        server.onBeat = () => []
        yield* server.next("open")
        yield* server.delivered
        yield* settle
        yield* TestClock.adjust("54 seconds")
        yield* server.delivered
        yield* settle
        const [socket] = server.sockets
        yield* TestClock.adjust("54 seconds")
        yield* realTurns
        assert.deepStrictEqual([...server.sockets], [socket])
        yield* TestClock.adjust("6 seconds")
        yield* server.next("close")
        yield* meanwhile(server.next("open"))
      })
    ))

  it.effect("a frame above 64 KiB ends the connection, not the daemon", () =>
    withDaemon(({ server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        yield* server.next("open")
        for (const socket of server.sockets) socket.send("x".repeat(70_000))
        yield* server.next("close")
        yield* meanwhile(server.next("open"))
      })
    ))

  it.effect("D-14 workspaces appear and disappear within 30 s; a CLI installed later within 2 min", () =>
    withDaemon(({ clis, lines, server, status }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        yield* server.fake.forget
        server.fake.listed = [{ id: W2, name: "Other" }]
        assert.strictEqual((yield* meanwhile(server.fake.next("register"))).about, W2)
        assert.isAtMost(yield* Clock.currentTimeMillis, 31_000)
        clis.install("codex", "claude", "opencode")
        yield* meanwhile(server.fake.next("register"))
        assert.isAtMost(yield* Clock.currentTimeMillis, 121_000)
        yield* server.fake.next("recoverOrphans")
        const { runtimes } = yield* status.snapshot
        assert.deepStrictEqual(runtimes.map(({ provider }) => provider), ["codex", "claude", "opencode"])
        assert.isTrue(runtimes.every(({ workspaceId }) => workspaceId === W2))
        // Nothing went wrong.
        assert.deepStrictEqual(lines.filter((line) => !line.startsWith("Info")), [])

        clis.install("codex")
        const left = yield* meanwhile(server.fake.next("deregister"))
        assert.strictEqual(left.about.split(",").length, 2)
      })
    ))

  it.effect("starts without the server, logs it once, and registers when the server is up", () =>
    withDaemon(
      ({ lines, server, status }) =>
        Effect.gen(function*() {
          yield* status.awaitReady
          assert.strictEqual((yield* status.snapshot).runtimes.length, 0)
          assert.include((yield* status.snapshot).problem, "the server cannot be reached")
          yield* pass(300)
          assert.strictEqual(lines.length, 1, lines.join("\n"))

          yield* server.listen(server.port)
          yield* meanwhile(server.next("open"))
          assert.strictEqual((yield* status.snapshot).runtimes.length, 2)
          assert.strictEqual((yield* status.snapshot).problem, null)
          assert.match(lines[1]!, /^Info the server answers again/)
          assert.deepStrictEqual(lines.slice(2).map((line) => line.replace(/(as runtime) \S+/, "$1 …")), [
            "Info registered codex 1.0.0 as runtime … in workspace Acme",
            "Info registered claude 1.0.0 as runtime … in workspace Acme"
          ])
        }),
      (server) => server.close
    ))

  it.effect("a refused token causes one clear line and slow retries", () =>
    withDaemon(
      ({ lines, server, status }) =>
        Effect.gen(function*() {
          yield* status.awaitReady
          assert.include((yield* status.snapshot).problem, "refuses this daemon's token")
          yield* pass(540)
          assert.isAtMost(server.received.length, 10)
          assert.strictEqual(lines.length, 1, lines.join("\n"))
          assert.notInclude(lines[0], "mul_secret")
        }),
      (server) => Effect.sync(() => void (server.script = () => ({ status: 401, body: `{"error":"invalid token"}` })))
    ))

  it.effect.each(
    [
      [
        "refuses to list workspaces",
        404,
        "404 page not found",
        /check the server URL: list workspaces: refused with 404/
      ],
      ["forbids it", 403, "no", /check the server URL: list workspaces: refused with 403 no/],
      [
        "is another program",
        200,
        "<html>",
        /not like a Muster server; .* does not follow the protocol; check the server URL/
      ]
    ] as const
  )(
    "a server that %s is one clear line, and the status says so until it is over",
    ([, status, body, said]) =>
      withDaemon(
        ({ lines, server, status }) =>
          Effect.gen(function*() {
            yield* status.awaitReady
            assert.match((yield* status.snapshot).problem ?? "all is well", said)
            assert.deepStrictEqual((yield* status.snapshot).clis.map(({ provider }) => provider), ["codex", "claude"])
            yield* pass(120)
            assert.strictEqual(lines.length, 1, lines.join("\n"))
            assert.match(lines[0]!, said)
            server.script = () => undefined
            yield* meanwhile(server.next("open"))
            assert.strictEqual((yield* status.snapshot).problem, null)
            assert.strictEqual(lines.filter((line) => !line.includes("registered")).length, 2, lines.join("\n"))
          }),
        (server) => Effect.sync(() => void (server.script = () => ({ status, body })))
      )
  )

  it.effect("D-18 deregisters when it stops, after the last beat", () =>
    withDaemon(({ server, status, stop }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        yield* server.next("open")
        const own = yield* ids(status)
        yield* stop
        assert.strictEqual(server.received.at(-1)!.path, "/api/daemon/deregister")
        assert.deepStrictEqual(JSON.parse(server.received.at(-1)!.body).runtime_ids.toSorted(), own)
        yield* server.next("close")
      })
    ))

  it.effect("D-18 a deregistration without an answer takes at most 3 s, also in a fiber that is being interrupted", () =>
    withDaemon(({ server, status, stop }) =>
      Effect.gen(function*() {
        yield* status.awaitReady
        yield* server.next("open")
        server.script = ({ path }) => path.endsWith("/deregister") ? null : undefined
        const ending = yield* Effect.forkChild(Effect.onInterrupt(Effect.never, () => stop), { startImmediately: true })
        const ended = yield* Effect.forkChild(Fiber.interrupt(ending), { startImmediately: true })
        // The socket, and with it whatever beats, has ended before the deregistration is over.
        yield* server.next("close")
        yield* server.request("/deregister")
        yield* settle
        yield* TestClock.adjust("2999 millis")
        assert.isUndefined(ended.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        yield* Fiber.join(ended)
      })
    ))

  it.effect("D-09 its stop does not wait for a call in flight", () =>
    withDaemon(
      ({ server, stop }) =>
        Effect.gen(function*() {
          yield* server.request("/register")
          // The clock does not advance: what waits for a deadline would wait forever.
          yield* stop
        }),
      (server) => Effect.sync(() => void (server.script = ({ path }) => path.endsWith("/register") ? null : undefined))
    ))
})
