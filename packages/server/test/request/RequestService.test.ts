import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

const startOf = "1970-01-01T00:00:00.000Z"

describe("asking a runtime for its models", () => {
  it.effect("8.4 a member asks another person's public runtime: 200 and the pending record", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster } = yield* startHome()
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })
      const answer = yield* muster.as(bob.token, home).post(`/api/runtimes/${codex.id}/models`)
      const { id, ...rest } = answer.json
      assert.strictEqual(answer.status, 200)
      assert.match(id, /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(rest, {
        runtime_id: codex.id,
        status: "pending",
        supported: true,
        worth_waiting_s: 90,
        created_at: startOf,
        updated_at: startOf
      })
    }))

  it.effect("8.4 the body is not read: any is allowed", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const ids = yield* Effect.forEach(["junk", {}, undefined], (body) =>
        Effect.map(me.post(`/api/runtimes/${codex.id}/models`, body), ({ json }) => json.id))
      // A second caller gets the same request.
      assert.strictEqual(new Set(ids).size, 1)
      assert.isString(ids[0])
    }))

  it.effect("8.4 an offline runtime: 503 `runtime is offline`, and no request is made", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude", status: "offline" })
      const answer = yield* me.post(`/api/runtimes/${claude.id}/models`)
      assert.deepStrictEqual([answer.status, answer.json], [503, {
        error: "runtime is offline",
        code: "runtime_offline"
      }])
      assert.deepStrictEqual(yield* muster.requests.waiting(claude.id), [])
    }))

  it.effect("8.4 a dead request store: 500", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me } = yield* startHome({
        wraps: { requests: (real) => ({ create: outage.guard("RequestStore.create", real.create as AnyCall) }) }
      })
      outage.down = true
      const answer = yield* me.post(`/api/runtimes/${codex.id}/models`)
      assert.deepStrictEqual([answer.status, answer.json], [500, {
        error: "failed to enqueue model list request: the store does not answer",
        code: "unavailable"
      }])
    }))

  it.effect("8.5 a request is visible only below its own runtime; unknown ids are 404 `request not found`", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).json.id, id)
      for (
        const path of [`${claude.id}/models/${id}`, `${codex.id}/models/${"0".repeat(32)}`, `${codex.id}/models/junk`]
      ) {
        const answer = yield* me.get(`/api/runtimes/${path}`)
        assert.deepStrictEqual([answer.status, answer.json], [404, {
          error: "request not found",
          code: "request_not_found"
        }])
      }
    }))

  it.effect("8.5 a dead request store: 500", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me } = yield* startHome({
        wraps: { requests: (real) => ({ get: outage.guard("RequestStore.get", real.get) }) }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      outage.down = true
      const answer = yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)
      assert.deepStrictEqual([answer.status, answer.json.error], [
        500,
        "failed to load request: the store does not answer"
      ])
    }))

  it.effect("8.5 without a pick-up for 30 s: a timeout, with the protocol's text", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* TestClock.adjust(30_001)
      const { json } = yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)
      assert.deepStrictEqual([json.status, json.error], ["timeout", "daemon did not respond within 30 seconds"])
    }))

  it.effect("8.5 picked up and never reported: a timeout 60 s after the pick-up, with another text", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* TestClock.adjust("10 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const running = (yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).json
      yield* TestClock.adjust(60_001)
      const { json } = yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)
      assert.deepStrictEqual([running.status, running.updated_at], ["running", "1970-01-01T00:00:10.000Z"])
      assert.isUndefined(running.started_at)
      assert.deepStrictEqual([json.status, json.error], ["timeout", "daemon did not finish within 60 seconds"])
    }))
})
