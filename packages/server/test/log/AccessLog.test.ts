import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Line, Muster } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"
import { dead, Outage } from "../support/Stores.ts"

const unknown = "11111111-2222-4333-8444-555555555555"

const requestsIn = (muster: Muster) => muster.lines.filter(({ message }) => message === "request")

describe("the access log", () => {
  it.effect("L-01 one line per request with method, path without query, status and ms", () =>
    Effect.gen(function*() {
      const entered = yield* Deferred.make<void>()
      const { me, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({
            list: (workspace) =>
              Deferred.succeed(entered, undefined).pipe(
                Effect.andThen(Effect.sleep(25)),
                Effect.andThen(real.list(workspace))
              )
          })
        }
      })
      const answer = yield* Effect.forkScoped(me.get("/api/runtimes?workspace_slug=home&token=secret"))
      yield* Deferred.await(entered)
      yield* TestClock.adjust(25)
      assert.strictEqual((yield* Fiber.join(answer)).status, 200)
      const [{ annotations, level }] = requestsIn(muster) as [Line]
      assert.strictEqual(level, "Info")
      const { method, ms, path, status } = annotations
      assert.deepStrictEqual({ method, ms, path, status }, {
        method: "GET",
        ms: 25,
        path: "/api/runtimes",
        status: 200
      })
    }))

  it.effect("F-37 a line names its request, the person or the machine, and the client with its version", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me, muster } = yield* startHome()
      const machine = muster.as(yield* muster.daemonToken(home, "daemon-1"))
      const given = "proxy-1:2.3"
      const named = { "x-client-platform": "daemon", "x-client-version": "0.3.1", "x-client-os": "linux" }
      const beat = yield* machine.post("/api/daemon/heartbeat", { runtime_id: codex.id }, {
        ...named,
        "x-request-id": given
      })
      assert.strictEqual(beat.headers.get("x-request-id"), given)
      const mine = yield* me.get("/api/me", undefined, { "user-agent": "curl/8.0" })
      yield* muster.nobody.get("/api/me", undefined, {
        "user-agent": `x\u00e9${"y".repeat(200)}`,
        "x-request-id": "a b"
      })
      const [first, second, third] = requestsIn(muster).map(({ annotations }) => annotations)
      assert.include(first, {
        request_id: given,
        daemon_id: "daemon-1",
        workspace_id: home,
        client: "daemon 0.3.1 linux"
      })
      assert.notProperty(first, "user_id")
      assert.include(second, { user_id: ana.id, client: "curl/8.0", request_id: mine.headers.get("x-request-id")! })
      assert.match(String(second?.["token_id"]), /^[0-9a-f-]{36}$/)
      assert.notProperty(third, "user_id")
      assert.strictEqual(String(third?.["client"]).length, 64)
      assert.match(String(third?.["client"]), /^x\?y+$/)
      assert.match(String(third?.["request_id"]), /^[0-9a-f-]{36}$/)
    }))

  it.effect("F-37 a real 400 is a warning, and its body reaches the client byte for byte", () =>
    Effect.gen(function*() {
      const { daemon, muster } = yield* startHome()
      const bad = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: "junk" })
      assert.deepStrictEqual(
        [bad.status, bad.text],
        [400, "{\"error\":\"invalid runtime_id\",\"code\":\"invalid_runtime_id\"}"]
      )
      const gone = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: unknown })
      assert.deepStrictEqual(
        [gone.status, gone.text],
        [404, "{\"error\":\"runtime not found\",\"code\":\"runtime_not_found\"}"]
      )
      assert.deepStrictEqual(requestsIn(muster).map(({ level }) => level), ["Warn", "Info"])
    }))

  it.effect("L-01 levels of real responses", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, daemon, me, muster } = yield* startHome({
        wraps: { registry: (real) => ({ list: outage.guard("list", real.list) }) }
      })
      const eve = yield* muster.person("eve")
      outage.down = true
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: unknown })
      yield* muster.as(eve.token).post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* muster.nobody.get("/api/me")
      yield* me.get("/no/such/page")
      yield* me.get("/api/runtimes")
      yield* me.get("/api/me")
      assert.deepStrictEqual(requestsIn(muster).map(({ annotations, level }) => [annotations["status"], level]), [
        [404, "Info"],
        [404, "Warn"],
        [401, "Warn"],
        [404, "Warn"],
        [500, "Error"],
        [200, "Info"]
      ])
    }))

  it.effect("L-02 health and readiness leave no line, ready or not", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* startHome({ checks: { db: dead("db") } })
      const statuses = yield* Effect.forEach(["/health", "/healthz", "/readyz", "/readyz?verbose=1"], (path) =>
        Effect.map(me.get(path), ({ status }) => status))
      assert.deepStrictEqual(statuses, [200, 200, 503, 503])
      assert.deepStrictEqual(muster.lines, [])
      yield* me.get("/api/me")
      assert.strictEqual(requestsIn(muster).length, 1)
    }))

  it.effect("L-02 the log contains no secret: neither the token of a caller nor a new one", () =>
    Effect.gen(function*() {
      const { ana, daemon, muster } = yield* startHome()
      const made = yield* daemon.post("/api/tokens", { name: "a" })
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: unknown })
      const log = JSON.stringify(muster.lines)
      assert.strictEqual(requestsIn(muster).length, 2)
      assert.notInclude(log, ana.token)
      assert.notInclude(log, made.json.token)
    }))

  it.effect("L-02 the client gets every byte of a long body unchanged", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      const models = Array.from({ length: 3_000 }, (_, i) => ({ id: `model-${i}`, label: `Größe ${i} 🦉 not found` }))
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, { status: "completed", models })
      const answer = yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)
      assert.deepStrictEqual(answer.json.models, models)
      assert.strictEqual(Number(answer.headers.get("content-length")), new TextEncoder().encode(answer.text).length)
    }))

  it.effect("a refused socket leaves one line, like any request", () =>
    Effect.gen(function*() {
      const { daemon, muster } = yield* startHome()
      yield* daemon.get("/api/daemon/ws")
      assert.deepStrictEqual(
        requestsIn(muster).map(({ annotations }) => [annotations["path"], annotations["status"]]),
        [
          ["/api/daemon/ws", 400]
        ]
      )
    }))
})
