import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, FileSystem, Layer, Logger, Redacted, Scope } from "effect"
import { layerServer, ServerInfo } from "../src/index.ts"
import { ackOf, openSocket } from "./support/DaemonSocket.ts"
import { callerOf } from "./support/Http.ts"

/** The server as `muster dev` starts it, in a folder of its own, on any free port. */
const start = Effect.fnUntraced(function*(dataDir: string, port = 0) {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
  const built = yield* Layer.buildWithScope(
    layerServer({ host: "127.0.0.1", port, dataDir, databaseUrl: undefined }),
    scope
  )
  const info = Context.get(built, ServerInfo)
  const token = Redacted.value(info.ownerToken)
  return { ...info, token, me: callerOf(info.url, token, info.ownerWorkspace), stop: Scope.close(scope, Exit.void) }
})

/** Files, and a silent log. */
const surroundings = Layer.mergeAll(NodeServices.layer, Logger.layer([]))

const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

const registration = (workspace_id: string) => ({
  workspace_id,
  daemon_id: "daemon-1",
  runtimes: [{ type: "codex", status: "online" }]
})

describe("a whole server with its own database", () => {
  it.live(
    "keeps its bounds, delivers a request over the socket, and closes with 1012",
    () =>
      Effect.gen(function*() {
        const { me, ownerWorkspace, stop, token, url } = yield* start(yield* temporaryFolder)
        assert.strictEqual((yield* me.get("/readyz")).status, 200)
        const tooLarge = yield* me.post("/api/daemon/register", { daemon_id: "x".repeat(1024 * 1024) })
        assert.strictEqual(tooLarge.status, 413)
        const { id } = (yield* me.post("/api/daemon/register", registration(ownerWorkspace))).json.runtimes[0]

        const flooding = yield* openSocket(url, `?runtime_ids=${id}`, token)
        yield* flooding.send(" ".repeat(4_097))
        assert.strictEqual(yield* flooding.closed, 1009)

        const socket = yield* openSocket(url, `?runtime_ids=${id}`, token, { perMessageDeflate: true })
        assert.strictEqual(socket.extensions, "")
        const asked = yield* me.post(`/api/runtimes/${id}/models`)
        assert.deepStrictEqual(yield* socket.next, ackOf(id, { pending_model_list: { id: asked.json.id } }))
        yield* stop
        assert.strictEqual(yield* socket.closed, 1012)
      }).pipe(Effect.provide(surroundings)),
    60_000
  )

  it.live(
    "a second start on the same folder keeps the workspace, the token and the runtime's id",
    () =>
      Effect.gen(function*() {
        const folder = yield* temporaryFolder
        const first = yield* start(folder)
        const { id } =
          (yield* first.me.post("/api/daemon/register", registration(first.ownerWorkspace))).json.runtimes[0]
        yield* first.stop
        const second = yield* start(folder)
        assert.deepStrictEqual([second.ownerWorkspace, second.token], [first.ownerWorkspace, first.token])
        const again = (yield* second.me.post("/api/daemon/register", registration(second.ownerWorkspace))).json
        assert.deepStrictEqual(again.runtimes.map((row: { id: string }) => row.id), [id])
      }).pipe(Effect.provide(surroundings)),
    60_000
  )

  it.live("a taken port is refused in one sentence", () =>
    Effect.gen(function*() {
      const first = yield* start(yield* temporaryFolder)
      const port = Number(new URL(first.url).port)
      const refused = yield* Effect.flip(start(yield* temporaryFolder, port))
      assert.deepStrictEqual([refused.reason, refused.sentence], [
        "port",
        `port ${port} is taken by another program: stop it, or choose another one with --port`
      ])
    }).pipe(Effect.provide(surroundings)), 60_000)
})
