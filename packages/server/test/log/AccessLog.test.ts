import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Muster } from "../support/Muster.ts"
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
      assert.deepStrictEqual(requestsIn(muster), [{
        level: "Info",
        message: "request",
        annotations: { method: "GET", path: "/api/runtimes", status: 200, ms: 25 }
      }])
    }))

  it.effect("L-01 the levels of real answers", () =>
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

  it.effect("L-02 no secret is in the log: neither the token of a caller nor a new one", () =>
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

  it.effect("a refused socket leaves one line, as any request", () =>
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
