import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Exit, Layer, Schema, Scope } from "effect"
import { FileSystem } from "effect/FileSystem"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Identity } from "../../src/identity/Identity.ts"
import { localProfile, readControlFile } from "../../src/local/ControlFile.ts"
import { LocalApi, type LocalApiOptions } from "../../src/local/LocalApi.ts"
import { goDuration, LocalHealth } from "../../src/local/LocalHealth.ts"
import { judgeControl } from "../../src/local/LocalRoutes.ts"
import { AlreadyRuns, LocalPortTaken, lockProfile } from "../../src/local/ProfileLock.ts"
import { StatusBoard } from "../../src/local/StatusBoard.ts"

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One call with exactly these headers, `Host` included. */
const call = (port: number, { body = "", headers = {}, method = "GET", path = "/health" }: Asked) =>
  Effect.callback<{ readonly status: number; readonly body: string }>((resume) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (reply) => {
      void text(reply).then((said) => resume(Effect.succeed({ status: reply.statusCode ?? 0, body: said })))
    })
    outgoing.on("error", (error) => resume(Effect.succeed({ status: 0, body: error.message })))
    outgoing.end(body)
  })

const readHealth = Schema.decodeUnknownEffect(Schema.fromJsonString(LocalHealth))

const start = Effect.fnUntraced(function*(options: Partial<LocalApiOptions> & { readonly dataDir: string }, id = "d") {
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const identity = Layer.succeed(
    Identity,
    { daemonId: id, deviceName: "box", clientVersion: "0.1.0" } as Identity["Service"]
  )
  const layer = LocalApi.layer({ serverUrl: "http://server", ...options }).pipe(
    Layer.provideMerge(StatusBoard.layer),
    Layer.provide(Layer.effectDiscard(lockProfile(options.dataDir))),
    Layer.provide([identity, Conditions.layer, NodeFileSystem.layer])
  )
  const context = yield* Layer.buildWithScope(layer, scope)
  return {
    port: (yield* Effect.provideContext(LocalApi, context)).port,
    board: yield* Effect.provideContext(StatusBoard, context),
    end: Scope.close(scope, Exit.void)
  }
})

const folder = Effect.flatMap(FileSystem, (fs) => fs.makeTempDirectoryScoped())

const onDisk = <A, E>(test: Effect.Effect<A, E, FileSystem | Scope.Scope>) => Effect.provide(test, NodeFileSystem.layer)

describe("the daemon's local port", () => {
  it.live("has the fields that a tool of v0.3.1 reads, before the daemon has started", () =>
    onDisk(Effect.gen(function*() {
      const dataDir = yield* folder
      const { port } = yield* start({ dataDir, localPort: 0 })
      const said = yield* readHealth((yield* call(port, { method: "POST" })).body)
      assert.deepInclude(said, {
        status: "starting",
        pid: process.pid,
        uptime: "0s",
        daemon_id: "d",
        device_name: "box",
        server_url: "http://server",
        cli_version: "0.1.0",
        active_task_count: 0,
        agents: [],
        workspaces: null,
        why: "looks for agent CLIs and registers them",
        outbox: { reports: 0, bytes: 0 }
      })
    })))

  it.live("X-04 control requires the token of this start; pages and rebound names are refused", () =>
    onDisk(Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = yield* folder
      const first = yield* start({ dataDir, localPort: 0 })
      const old = (yield* Effect.flatten(Effect.map(readControlFile(dataDir), Effect.fromOption))).token
      assert.strictEqual((yield* fs.stat(`${dataDir}/daemon.json`)).mode & 0o777, 0o600)
      yield* first.end
      assert.isFalse(yield* fs.exists(`${dataDir}/daemon.json`))

      const { board, port } = yield* start({ dataDir, localPort: 0 })
      const { token } = yield* Effect.flatten(Effect.map(readControlFile(dataDir), Effect.fromOption))
      assert.notStrictEqual(token, old)
      const own = { host: `127.0.0.1:${port}` }
      const control = { ...own, authorization: `Bearer ${token}` }
      const stop = { method: "POST", path: "/shutdown" }
      const refused: ReadonlyArray<readonly [number, Asked]> = [
        [401, { ...stop, headers: own }],
        [401, { ...stop, headers: { ...own, authorization: `Bearer ${old}` } }],
        [401, { ...stop, headers: { ...own, authorization: `Bearer ${token.slice(0, -1)}` } }],
        [401, { ...stop, headers: { ...own, authorization: token } }],
        [403, { ...stop, headers: { ...control, origin: "http://evil.example" } }],
        [403, { ...stop, headers: { ...control, origin: "null" } }],
        [403, { ...stop, headers: { ...control, origin: `http://127.0.0.1:${port}` } }],
        [403, { ...stop, headers: { ...control, host: `evil.example:${port}` } }],
        [403, { ...stop, headers: { ...control, host: `127.0.0.1.evil.example:${port}` } }],
        [403, { headers: { ...own, origin: "http://evil.example" } }],
        [403, { headers: { host: "evil.example" } }],
        [403, { path: "/nothing", headers: { ...own, origin: "http://evil.example" } }],
        [405, { path: "/shutdown", headers: control }],
        [404, { path: "/nothing", headers: control }],
        [431, { headers: { ...own, "x-long": "x".repeat(10_000) } }]
      ]
      for (const [status, asked] of refused) {
        assert.strictEqual((yield* call(port, asked)).status, status, JSON.stringify(asked))
      }
      assert.strictEqual((yield* readHealth((yield* call(port, { headers: own })).body)).status, "starting")

      const done = yield* call(port, { ...stop, headers: { ...control, host: `localhost:${port}` } })
      assert.deepStrictEqual([done.status, done.body], [200, `{"status":"shutting down"}`])
      yield* board.stopAsked
      assert.strictEqual((yield* readHealth((yield* call(port, { headers: own })).body)).status, "stopping")
    })))

  it.live("D-18 a second daemon of the profile is refused by the lock, one of the same identity by the port", () =>
    onDisk(Effect.gen(function*() {
      const fs = yield* FileSystem
      const [a, b] = [yield* folder, yield* folder].map((parent) => `${parent}/shared-name`)
      const first = yield* start({ dataDir: a! })
      const same = yield* Effect.flip(start({ dataDir: a!, localPort: 0 }))
      assert.deepStrictEqual(same, new AlreadyRuns({ folder: a!, pid: process.pid }))
      assert.include(same.message, `process ${process.pid}`)
      assert.strictEqual((yield* call(first.port, {})).status, 200)

      const copy = yield* Effect.flip(start({ dataDir: b! }))
      assert.strictEqual(copy._tag, "AlreadyRuns")
      const another = yield* start({ dataDir: b! }, "another")
      assert.notStrictEqual(another.port, first.port)
      assert.strictEqual((yield* call(another.port, {})).status, 200)

      yield* first.end
      yield* fs.writeFileString(`${a!}/daemon.json`, "not ours")
      const again = yield* start({ dataDir: a! })
      assert.strictEqual(again.port, first.port)
    })))

  it.live("a requested port that another program uses is refused at once", () =>
    onDisk(Effect.gen(function*() {
      // It accepts connections and never replies.
      const mute = createServer(() => {})
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void mute.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => (mute.close(), mute.closeAllConnections()))
      )
      const { port } = mute.address() as AddressInfo
      const error = yield* Effect.flip(start({ dataDir: yield* folder, localPort: port }))
      assert.deepStrictEqual(error, new LocalPortTaken({ port, reason: "another program has it" }))
    })))

  it("its profile, port and texts are those of docs/protocol.md 14", () => {
    assert.deepInclude(localProfile("/home/a/.muster"), { name: "", port: 19_514 })
    assert.deepInclude(localProfile("/home/a/.muster/profiles/work/"), { name: "work", port: 19_515 + 451 })
    assert.deepStrictEqual([0, 62_900, 3_600_000, 93_784_000].map(goDuration), ["0s", "1m2s", "1h0m0s", "26h3m4s"])
    assert.isUndefined(judgeControl({ authorization: "Bearer t" }, "t"))
    assert.isDefined(judgeControl({ authorization: "Bearer t" }, ""))
  })
})
