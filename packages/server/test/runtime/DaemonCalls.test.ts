import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, dead, Outage } from "../support/Stores.ts"

const unknown = "11111111-2222-4333-8444-555555555555"
const deregister = "/api/daemon/deregister"

describe("what daemons call besides beats", () => {
  it.effect("5.3 deregister: the caller's runtimes are offline immediately, others' and unknown ones are skipped", () =>
    Effect.gen(function*() {
      const { codex, daemon, me, muster } = yield* startHome()
      const eve = yield* muster.person("eve")
      const hers = yield* muster.runtime((yield* muster.workspace("elsewhere", eve)).id)
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const answer = yield* daemon.post(deregister, { runtime_ids: [hers.id, unknown, codex.id.toUpperCase()] })
      assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}`)).json.status, "offline")
      const found = yield* Effect.orDie(muster.registry.find(hers.id))
      assert.strictEqual(found._tag === "Found" && found.runtime.status, "online")
      assert.deepStrictEqual(yield* Effect.orDie(muster.liveness.alive([codex.id])), new Set())
    }))

  it.effect("5.3 the next beat after a deregistration turns the runtime online immediately", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      yield* daemon.post(deregister, { runtime_ids: [codex.id] })
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}`)).json.status, "online")
    }))

  it.effect.each(
    [
      ["no JSON", "[", "invalid request body"],
      ["a wrong type", { runtime_ids: "a" }, "invalid request body"],
      ["nothing", {}, "runtime_ids is required"],
      ["null", { runtime_ids: null }, "runtime_ids is required"],
      ["no ids", { runtime_ids: [] }, "runtime_ids is required"],
      ["one malformed id", { runtime_ids: ["{codex}", "junk"] }, "invalid runtime_ids"],
      [
        "too many",
        { runtime_ids: Array.from({ length: 10_001 }, () => unknown) },
        "runtime_ids holds more than 10000 ids"
      ]
    ] as const
  )("5.3 deregister with %s: 400, and no runtime goes offline", ([, body, error]) =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const text = typeof body === "string" ? body : JSON.stringify(body).replace("{codex}", codex.id)
      const answer = yield* daemon.post(deregister, text)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}`)).json.status, "online")
    }))

  it.effect.each(["find", "markOffline"] as const)(
    "5.3 deregister with a registry whose `%s` is dead: 500, not ok",
    (operation) =>
      Effect.gen(function*() {
        const outage = new Outage()
        const { codex, daemon } = yield* startHome({
          wraps: { registry: (real) => ({ [operation]: outage.guard(operation, real[operation] as AnyCall) }) }
        })
        outage.down = true
        const answer = yield* daemon.post(deregister, { runtime_ids: [codex.id] })
        assert.strictEqual(answer.status, 500)
      })
  )

  it.effect("5.5 the repositories of a workspace, for a member's token and a daemon's own", () =>
    Effect.gen(function*() {
      const { daemon, home, muster } = yield* startHome()
      muster.accessState.workspaces.set(home, {
        ...muster.accessState.workspaces.get(home)!,
        repos: [{ url: "https://b.example" }, { url: "https://a.example" }]
      })
      const bound = muster.as(yield* muster.daemonToken(home, "daemon-1"))
      for (const caller of [daemon, bound]) {
        const answer = yield* caller.get(`/api/daemon/workspaces/${home}/repos`)
        assert.deepStrictEqual([answer.status, answer.json], [200, {
          workspace_id: home,
          repos: [{ url: "https://b.example" }, { url: "https://a.example" }],
          repos_version: "a5ff1c84e3f85a41acc9593c9cfb1bb6be2ca3c10901522105798ef81eed3979"
        }])
      }
    }))

  it.effect("5.5 another person's workspace, an unknown one, an invalid id: 404 `not found`", () =>
    Effect.gen(function*() {
      const { daemon, muster } = yield* startHome()
      const hers = (yield* muster.workspace("hers", yield* muster.person("eve"))).id
      for (const id of [hers, unknown, "junk"]) {
        const answer = yield* daemon.get(`/api/daemon/workspaces/${id}/repos`)
        assert.deepStrictEqual([answer.status, answer.json.error], [404, "not found"])
      }
    }))

  it.effect.each(
    [
      ["recover-orphans", { orphaned: 0, retried: 0 }],
      ["tasks/claim", { task: null }]
    ] as const
  )("9 `%s` returns nothing, without reading its body", ([name, reply]) =>
    Effect.gen(function*() {
      const { codex, daemon } = yield* startHome()
      for (const body of [{}, "junk", undefined]) {
        const answer = yield* daemon.post(`/api/daemon/runtimes/${codex.id}/${name}`, body)
        assert.deepStrictEqual([answer.status, answer.json], [200, reply])
      }
    }))

  it.effect.each(["recover-orphans", "tasks/claim"])(
    "2.4 `%s` of a runtime: junk 400, unknown 404, foreign 404, dead store 500",
    (name) =>
      Effect.gen(function*() {
        const outage = new Outage()
        const { daemon, muster } = yield* startHome({
          wraps: { registry: (real) => ({ find: outage.guard("find", real.find) }) }
        })
        const hers = yield* muster.runtime((yield* muster.workspace("hers", yield* muster.person("eve"))).id)
        const answers = yield* Effect.forEach(
          ["junk", unknown, hers.id],
          (id) => daemon.post(`/api/daemon/runtimes/${id}/${name}`, {})
        )
        outage.down = true
        const fault = yield* daemon.post(`/api/daemon/runtimes/${unknown}/${name}`, {})
        assert.deepStrictEqual([...answers, fault].map(({ json, status }) => [status, json.error]), [
          [400, "invalid runtime_id"],
          [404, "runtime not found"],
          [404, "not found"],
          [500, "failed to load runtime"]
        ])
      })
  )

  it.effect("2.4 an unavailable membership is 500, not 404", () =>
    Effect.gen(function*() {
      const { codex, daemon } = yield* startHome({ wraps: { access: () => ({ roleOf: () => dead("roleOf") }) } })
      const answer = yield* daemon.post(`/api/daemon/runtimes/${codex.id}/tasks/claim`, {})
      assert.deepStrictEqual([answer.status, answer.json.error], [500, "failed to load workspace"])
    }))
})
