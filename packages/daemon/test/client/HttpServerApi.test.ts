import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { layerHttpServerApi } from "../../src/client/HttpServerApi.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { workspaceId } from "../support/FakeServer.ts"
import { WireServer } from "../support/WireServer.ts"

const identity = {
  daemonId: "0192d3a0-0000-7000-8000-000000000000",
  deviceName: "box",
  instance: "0f6c2b1e-0000-4000-8000-000000000001",
  legacyIds: ["box", "box.local"],
  timezone: "Europe/Berlin",
  clientVersion: "0.1.0",
  launchedBy: ""
}

const layer = (serverUrl: string, token = "mul_secret") =>
  layerHttpServerApi({ serverUrl, token: Redacted.make(token) }).pipe(
    Layer.provide(Layer.succeed(Identity, identity)),
    Layer.provide(Conditions.layer)
  )

const withServer = <A, E>(test: (server: WireServer, api: ServerApi["Service"]) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const server = yield* WireServer.make
    return yield* Effect.flatMap(ServerApi, (api) => test(server, api)).pipe(Effect.provide(layer(server.url)))
  })

const W = workspaceId(1)

describe("the server over HTTP", () => {
  it.effect("follows the protocol: headers, registration, beat, report", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        server.fake.listed = [{ id: W, name: "Acme" }]
        assert.deepStrictEqual(yield* api.workspaces, [{ id: W, name: "Acme" }])
        const [row] = yield* api.register(W, [{ provider: "codex", version: "1.2.3" }])
        assert.deepStrictEqual(yield* api.heartbeat(row!.id), { gone: false, fields: { status: "ok" } })
        yield* api.recoverOrphans(row!.id)
        server.script = ({ path }) => path.endsWith("/result") ? { status: 200, body: "" } : undefined
        const requestId = Request.RequestId.make("0".repeat(32))
        yield* api.report({
          runtimeId: row!.id,
          kind: Kinds.ModelList,
          requestId,
          outcome: { _tag: "Completed", result: { models: [], supported: true } }
        })
        yield* api.deregister([row!.id])

        const [list, register, beat, orphans, report, deregister] = server.received
        assert.include(list!.headers, {
          authorization: "Bearer mul_secret",
          "x-client-platform": "daemon",
          "x-client-version": "0.1.0"
        })
        assert.deepStrictEqual(JSON.parse(register!.body), {
          workspace_id: W,
          daemon_id: identity.daemonId,
          legacy_daemon_ids: ["box", "box.local"],
          device_name: "box",
          cli_version: "0.1.0",
          launched_by: "",
          timezone: "Europe/Berlin",
          runtimes: [{ name: "Codex (box)", type: "codex", version: "1.2.3", status: "online" }]
        })
        assert.deepStrictEqual(JSON.parse(beat!.body), {
          runtime_id: row!.id,
          supports_batch_import: true,
          supports_pacing: true
        })
        assert.deepStrictEqual([orphans!.path, orphans!.body], [
          `/api/daemon/runtimes/${row!.id}/recover-orphans`,
          "{}"
        ])
        assert.strictEqual(report!.path, `/api/daemon/runtimes/${row!.id}/models/${requestId}/result`)
        assert.deepStrictEqual(JSON.parse(report!.body), { status: "completed", models: [], supported: true })
        assert.deepStrictEqual(JSON.parse(deregister!.body), { runtime_ids: [row!.id] })
      })
    ))

  it.effect("5.2 a registration says which agent CLIs the daemon cannot give work to", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        yield* api.register(W, [{ provider: "codex", version: "1.2.3" }, { provider: "openclaw", version: "1" }])
        const { runtimes } = JSON.parse(server.received[0]!.body)
        assert.deepStrictEqual(
          runtimes.map(({ runs_tasks, type }: Record<string, unknown>) => [type, runs_tasks]),
          [["codex", undefined], ["openclaw", false]]
        )
      })
    ))

  it.effect("5.5 workspaces are listed with their repositories or the version of these, and with their settings", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        const reference = {
          id: W,
          name: "Acme",
          slug: "acme",
          settings: { co_authored_by_enabled: false },
          repos: null
        }
        const repos = [{ url: " https://git.example.org/a ", description: "d" }, { url: "" }, "x"]
        const rows: Array<object> = [reference, { ...reference, settings: {}, repos }, {
          id: W,
          name: "Acme",
          settings: null,
          repos_version: "v"
        }]
        server.script = ({ path }) =>
          path === "/api/workspaces" ? { status: 200, body: JSON.stringify(rows) } : undefined
        assert.deepStrictEqual(yield* api.workspaces, [
          { id: W, name: "Acme", settings: { coAuthoredByEnabled: false } },
          {
            id: W,
            name: "Acme",
            repositories: ["https://git.example.org/a"],
            settings: { coAuthoredByEnabled: true }
          },
          { id: W, name: "Acme", repositoriesVersion: "v" }
        ])
        server.script = ({ path }) =>
          path === `/api/daemon/workspaces/${W}/repos`
            ? { status: 200, body: JSON.stringify({ workspace_id: W, repos, repos_version: "v" }) }
            : undefined
        assert.deepStrictEqual(yield* api.repositories(W), { urls: ["https://git.example.org/a"], version: "v" })
      })
    ))

  it.effect("D-11 over real HTTP: gone only for 404 with the phrase, within the first 4,096 bytes", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        const [row] = yield* api.register(W, [{ provider: "codex", version: "1" }])
        const tagFor = (status: number, body: string) => {
          server.script = () => ({ status, body })
          return Effect.map(Effect.flip(api.heartbeat(row!.id)), (error) => error._tag)
        }
        assert.strictEqual(yield* tagFor(404, `{"error":"Runtime not found"}`), "Gone")
        assert.strictEqual(yield* tagFor(404, `${"x".repeat(4_080)}runtime not found`), "Refused")
        assert.strictEqual(yield* tagFor(404, `${"x".repeat(50_000_000)}`), "Refused")
        assert.strictEqual(yield* tagFor(404, `{"error":"not found"}`), "Refused")
        assert.strictEqual(yield* tagFor(500, `{"error":"runtime not found"}`), "Unreachable")
        yield* server.close
        assert.strictEqual((yield* Effect.flip(api.heartbeat(row!.id)))._tag, "Unreachable")
        yield* server.listen(0)
      })
    ))

  it.effect("a reply that violates the protocol is not an answer", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        for (const body of ["", "<html>", "{}", `{"runtimes":[]}`, `{"runtimes":[{"id":"x"}]}`]) {
          server.script = () => ({ status: 200, body })
          assert.strictEqual((yield* Effect.flip(api.register(W, []))).message.includes("protocol"), true, body)
        }
      })
    ))

  it.effect("a call without an answer ends after 30 s; listing workspaces after 15 s", () =>
    withServer((server, api) =>
      Effect.gen(function*() {
        const [row] = yield* api.register(W, [{ provider: "codex", version: "1" }])
        server.script = () => null
        const list = yield* Effect.forkChild(Effect.flip(api.workspaces), { startImmediately: true })
        const beat = yield* Effect.forkChild(Effect.flip(api.heartbeat(row!.id)), { startImmediately: true })
        yield* TestClock.adjust("15 seconds")
        assert.include((yield* Fiber.join(list)).message, "15 s")
        assert.isUndefined(beat.pollUnsafe())
        yield* TestClock.adjust("15 seconds")
        assert.include((yield* Fiber.join(beat)).message, "30 s")
      })
    ))

  it.effect("an error contains what happened and never the token", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(ServerApi.use((api) => api.workspaces)).pipe(
        Effect.provide(layer("http://127.0.0.1:1", "mul_secret"))
      )
      assert.include(error.message, "ECONNREFUSED")
      assert.notInclude(JSON.stringify(error), "mul_secret")
    }))
})
