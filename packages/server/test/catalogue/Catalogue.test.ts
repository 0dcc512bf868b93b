import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

const models = [{ id: "opus", label: "Opus", default: true }]
const hour = 60 * 60_000

/** A workspace whose runtime was asked and has answered once, at time 0. */
const startKnown = Effect.fnUntraced(function*(options: Parameters<typeof startHome>[0] = {}) {
  const scene = yield* startHome(options)
  const { codex, daemon, me, muster } = scene
  const path = `/api/runtimes/${codex.id}/models`
  const ask = (query = "") => Effect.map(me.post(`${path}${query}`), ({ json }) => json)
  const report = (id: string, body: object) => daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, body)
  const answer = (body: object) =>
    Effect.gen(function*() {
      const { id } = yield* ask("?fresh=1")
      yield* report(id, body)
    })
  yield* answer({ status: "completed", models, source: "live" })
  return { ...scene, path, ask, report, answer, waiting: Effect.orDie(muster.requests.waiting(codex.id)) }
})

describe("the kept list of models", () => {
  it.effect("C-03 a fresh kept list is returned immediately with its age, without a request to the daemon", () =>
    Effect.gen(function*() {
      const { ask, codex, waiting } = yield* startKnown()
      yield* TestClock.adjust("1 minute")
      const answer = yield* ask()
      assert.match(answer.id, /^[0-9a-f]{32}$/)
      assert.deepInclude(answer, {
        runtime_id: codex.id,
        status: "completed",
        models,
        supported: true,
        cached: true,
        cached_at: "1970-01-01T00:00:00.000Z"
      })
      assert.deepStrictEqual(yield* waiting, [])
    }))

  it.effect("the kept answer can be read again while the list is kept, by its id only", () =>
    Effect.gen(function*() {
      const { answer, ask, me, path } = yield* startKnown()
      const given = yield* ask()
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* me.get(`${path}/${given.id}?wait=1`)).json, given)
      assert.strictEqual((yield* me.get(`${path}/${"0".repeat(32)}`)).status, 404)
      yield* answer({ status: "completed", models: [{ id: "new", label: "New" }] })
      assert.strictEqual((yield* me.get(`${path}/${given.id}`)).status, 404)
    }))

  it.effect("C-03 a list older than 60 s is still returned, and one new list is fetched in the background", () =>
    Effect.gen(function*() {
      const { ask, codex, daemon, report } = yield* startKnown()
      yield* TestClock.adjust(60_001)
      for (const _ of [1, 2, 3]) assert.isTrue((yield* ask()).cached)
      const beat = () => daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const { id } = (yield* beat()).json.pending_model_list
      assert.isUndefined((yield* beat()).json.pending_model_list)
      yield* report(id, { status: "completed", models: [{ id: "new", label: "New" }] })
      assert.deepInclude(yield* ask(), { models: [{ id: "new", label: "New" }], cached_at: "1970-01-01T00:01:00.001Z" })
    }))

  it.effect("a list is kept for 24 h and no longer, and ?fresh=1 always asks the daemon", () =>
    Effect.gen(function*() {
      const { ask, codex, daemon } = yield* startKnown()
      const fresh = yield* ask("?fresh=1")
      assert.deepInclude(fresh, { status: "pending", worth_waiting_s: 90 })
      yield* TestClock.adjust(24 * hour)
      // The sweep has marked it offline meanwhile.
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.isTrue((yield* ask()).cached)
      yield* TestClock.adjust(1)
      assert.isUndefined((yield* ask()).cached)
    }))

  it.effect("a fallback, a failure and a timeout keep the list; an empty list and no choice remove it", () =>
    Effect.gen(function*() {
      const { answer, ask } = yield* startKnown()
      yield* answer({ status: "completed", models: [{ id: "fixed", label: "Fixed" }], source: "fallback" })
      yield* answer({ status: "failed", error: "not logged in" })
      yield* ask("?fresh=1")
      yield* TestClock.adjust(30_001)
      assert.deepInclude(yield* ask(), { cached: true, models })
      yield* answer({ status: "completed", models: [] })
      assert.strictEqual((yield* ask("")).status, "pending")
      yield* TestClock.adjust(30_001)
      yield* answer({ status: "completed", models })
      assert.isTrue((yield* ask()).cached)
      yield* answer({ status: "completed", supported: false })
      assert.isUndefined((yield* ask()).cached)
    }))

  it.effect("the list of an offline runtime is returned with its age, though asking it is still 503; none is 404", () =>
    Effect.gen(function*() {
      const { codex, daemon, home, me, muster, path } = yield* startKnown()
      yield* daemon.post("/api/daemon/deregister", { runtime_ids: [codex.id] })
      assert.strictEqual((yield* me.post(path)).status, 503)
      const kept = yield* me.get(path)
      assert.deepStrictEqual([kept.status, kept.json], [200, { models, cached_at: "1970-01-01T00:00:00.000Z" }])
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const none = yield* me.get(`/api/runtimes/${claude.id}/models`)
      assert.deepStrictEqual([none.status, none.json], [404, {
        error: "no model list is kept",
        code: "model_list_not_found"
      }])
    }))

  it.effect("a dead catalogue: a request goes to the daemon, a report still ends its request, and the kept list is a 500", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { ask, me, path, report } = yield* startKnown({
        wraps: {
          catalogue: (real) => ({
            find: outage.guard("ModelCatalogue.find", real.find),
            keep: outage.guard("ModelCatalogue.keep", real.keep as AnyCall)
          })
        }
      })
      outage.down = true
      const { id, status } = yield* ask()
      assert.strictEqual(status, "pending")
      assert.strictEqual((yield* report(id, { status: "completed", models })).status, 200)
      assert.strictEqual((yield* me.get(`${path}/${id}`)).json.status, "completed")
      assert.strictEqual((yield* me.get(path)).status, 500)
    }))

  it.effect("F-23 a failed change is written later, the latest of its runtime", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { answer, me, path } = yield* startKnown({
        wraps: {
          catalogue: (real) => ({
            keep: outage.guard("ModelCatalogue.keep", real.keep),
            drop: outage.guard("ModelCatalogue.drop", real.drop)
          })
        }
      })
      const kept = Effect.map(me.get(path), ({ json }) => json.models?.map(({ id }: { id: string }) => id) ?? json.code)
      yield* TestClock.adjust("1 second")
      outage.down = true
      yield* answer({ status: "completed", models: [] })
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(yield* kept, ["opus"])
      outage.down = false
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* kept, "model_list_not_found")
      outage.down = true
      yield* answer({ status: "completed", models: [{ id: "old", label: "Old" }] })
      yield* TestClock.adjust("1 second")
      yield* answer({ status: "completed", models: [{ id: "new", label: "New" }] })
      outage.down = false
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* kept, ["new"])
    }))
})
