import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket, Request } from "@muster/domain"
import { Duration, Effect, Exit, Layer, Option, Redacted, Schema, Scope } from "effect"
import { FileSystem } from "effect/FileSystem"
import { readdirSync } from "node:fs"
import { layerDaemonOver } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { readControlFile } from "../../src/local/ControlFile.ts"
import { LocalHealth } from "../../src/local/LocalHealth.ts"
import { W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { type Received, WireServer } from "../support/WireServer.ts"

const requestId = Request.RequestId.make("a".repeat(32))
const isReport = ({ path }: Received) => path.endsWith("/result")
const readHealth = Schema.decodeUnknownEffect(LocalHealth)

/** A machine with codex, over real HTTP and a real socket, whose daemons come and go. */
const withMachine = <A, E>(
  test: (all: {
    readonly server: WireServer
    readonly clis: FakeClis
    readonly dataDir: string
    readonly start: Effect.Effect<{ readonly status: DaemonStatus["Service"]; readonly end: Effect.Effect<void> }, E>
    readonly health: Effect.Effect<LocalHealth, E>
  }) => Effect.Effect<A, E, FileSystem | Scope.Scope>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem
    const server = yield* WireServer.make
    const clis = new FakeClis("codex")
    const dataDir = yield* fs.makeTempDirectoryScoped()
    const outer = yield* Effect.scope
    server.fake.listed = [{ id: W1, name: "Acme" }]
    const start = Effect.gen(function*() {
      const scope = yield* Scope.make()
      yield* Scope.addFinalizer(outer, Scope.close(scope, Exit.void))
      const daemon = layerDaemonOver({
        serverUrl: server.url,
        token: Redacted.make("mul_secret"),
        dataDir,
        clientVersion: "0.1.0",
        localPort: 0
      })
      const context = yield* Layer.buildWithScope(Layer.provide(daemon, clis.layer), scope)
      return { status: yield* Effect.provideContext(DaemonStatus, context), end: Scope.close(scope, Exit.void) }
    }).pipe(Effect.orDie)
    const health = Effect.gen(function*() {
      const { port } = yield* Effect.fromOption(yield* readControlFile(dataDir))
      return yield* readHealth(
        yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/health`).then((reply) => reply.json()))
      )
    }).pipe(Effect.provideService(FileSystem, fs), Effect.orDie)
    return yield* test({ server, clis, dataDir, start, health })
  }).pipe(Effect.provide(NodeFileSystem.layer))

describe("a daemon with its local port and its outbox", () => {
  it.live("reports that it starts and why it is not ready, then its runtimes", () =>
    withMachine(({ health, server, start }) =>
      Effect.gen(function*() {
        // The workspaces are asked for, and no answer comes.
        server.script = ({ path }) => path === "/api/workspaces" ? null : undefined
        const first = yield* start
        yield* server.request("/workspaces")
        assert.deepInclude(yield* health, { status: "starting", why: "looks for agent CLIs and registers them" })
        yield* first.end

        server.script = () => undefined
        const { status } = yield* start
        yield* status.awaitReady
        yield* server.next("beat")
        yield* server.delivered
        const said = yield* health
        assert.deepInclude(said, { status: "running", why: null, agents: ["codex"], transport: "socket" })
        const id = server.fake.row(W1, "codex")!.id
        assert.deepStrictEqual(said.workspaces, [{ id: W1, runtimes: [id] }])
        assert.deepInclude(said.runtimes[0], { id, provider: "codex", path: "/bin/codex", version: "1.0.0" })
      })
    ))

  it.live("D-17 D-19 after a restart the stored report is sent first, and its request is not handled again", () =>
    withMachine(({ clis, dataDir, health, server, start }) =>
      Effect.gen(function*() {
        let calls = 0
        const answer = clis.list
        clis.list = (cli) => Effect.suspend(() => (calls++, answer(cli)))
        // The server hands the same request out at each beat, and never answers its report.
        server.onBeat = (id) => [DaemonSocket.ackFrame(id, { pending_model_list: { id: requestId } })]
        server.script = (request) => isReport(request) ? null : undefined
        const first = yield* start
        yield* server.request("/result")
        assert.strictEqual((yield* health).outbox.reports, 1)
        yield* first.end
        assert.isTrue(readdirSync(dataDir, { recursive: true }).some((name) => String(name).includes(requestId)))

        const before = server.received.length
        const [waited, second] = yield* Effect.timed(start)
        assert.isAtLeast(Duration.toMillis(waited), 1_900, "all else waits for its answer, for 2 s")
        yield* server.next("open")
        yield* server.next("open")
        yield* server.next("beat")
        yield* server.delivered
        const later = server.received.slice(before).map(({ path }) => path.split("/").at(-1))
        assert.isBelow(later.indexOf("result"), later.indexOf("register"))
        assert.strictEqual((yield* health).outbox.reports, 1)
        assert.strictEqual(calls, 1)
        yield* second.end

        server.script = (request) => isReport(request) ? { status: 200, body: "{}" } : undefined
        server.onBeat = (id) => [DaemonSocket.ackFrame(id, {})]
        const third = yield* start
        yield* third.status.awaitReady
        // The answer is here; the file goes a moment later.
        yield* Effect.repeat(health, { until: ({ outbox }) => outbox.reports === 0 })
        assert.strictEqual(calls, 1)
        assert.isTrue(Option.isSome(yield* readControlFile(dataDir)))
      })
    ))
})
