import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"

describe("waiting for the answer", () => {
  /** A pending request, and how often the server read it. */
  const startAsked = Effect.gen(function*() {
    const scene = yield* startHome()
    const { id } = (yield* scene.me.post(`/api/runtimes/${scene.codex.id}/models`)).json
    const path = `/api/runtimes/${scene.codex.id}/models/${id}`
    const report = scene.daemon.post(`/api/daemon/runtimes/${scene.codex.id}/models/${id}/result`, {
      status: "completed",
      models: [{ id: "m", label: "M" }]
    })
    return { ...scene, id: id as string, path, report }
  })

  /** Asks, and returns once the server has subscribed to the wake of the answer. */
  const waitFor = Effect.fnUntraced(function*(query: string) {
    const subscribed = Promise.withResolvers<void>()
    const scene = yield* startHome({
      wraps: {
        wake: (real) => ({
          subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => subscribed.resolve()))
        })
      }
    })
    const { id } = (yield* scene.me.post(`/api/runtimes/${scene.codex.id}/models`)).json
    const answer = yield* Effect.forkScoped(scene.me.get(`/api/runtimes/${scene.codex.id}/models/${id}?${query}`))
    yield* Effect.promise(() => subscribed.promise)
    const report = (body: object) =>
      scene.daemon.post(`/api/daemon/runtimes/${scene.codex.id}/models/${id}/result`, body)
    return { ...scene, id: id as string, answer, report }
  })

  it.effect("`?wait=` answers the moment the request is settled, without elapsed time", () =>
    Effect.gen(function*() {
      const { answer, report } = yield* waitFor("wait=20")
      yield* report({ status: "completed", models: [{ id: "m", label: "M" }] })
      const { json, status } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, json.status, json.models], [200, "completed", [{ id: "m", label: "M" }]])
    }))

  it.effect("`?wait=` does not end with the pick-up", () =>
    Effect.gen(function*() {
      const { answer, codex, daemon, id, report } = yield* waitFor("wait=20")
      const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.strictEqual(beat.json.pending_model_list.id, id)
      yield* report({ status: "failed", error: "not logged in" })
      const { json } = yield* Fiber.join(answer)
      assert.deepStrictEqual([json.status, json.error], ["failed", "not logged in"])
    }))

  it.effect("`?wait=…&while=pending` answers when the request is picked up", () =>
    Effect.gen(function*() {
      const { answer, codex, daemon } = yield* waitFor("wait=20&while=pending")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.strictEqual((yield* Fiber.join(answer)).json.status, "running")
    }))

  it.effect("a wait that is over returns the request as it is then", () =>
    Effect.gen(function*() {
      const { answer } = yield* waitFor("wait=20")
      yield* TestClock.adjust("20 seconds")
      const { json, status } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, json.status], [200, "pending"])
    }))

  it.effect("a wait longer than 60 s is cut to 60 s", () =>
    Effect.gen(function*() {
      const { answer, codex, daemon } = yield* waitFor("wait=3600")
      yield* TestClock.adjust("20 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual((yield* Fiber.join(answer)).json.status, "running")
    }))

  it.effect("a request that times out during a wait is returned at that moment", () =>
    Effect.gen(function*() {
      const { answer } = yield* waitFor("wait=60")
      yield* TestClock.adjust(30_001)
      const { json } = yield* Fiber.join(answer)
      assert.deepStrictEqual([json.status, json.error], ["timeout", "daemon did not respond within 30 seconds"])
    }))

  it.effect("with every wake lost it answers within 2 s", () =>
    Effect.gen(function*() {
      const subscribed = Promise.withResolvers<void>()
      const { codex, me, muster, waitingRequest } = yield* startHome({
        wraps: {
          wake: (real) => ({
            publish: () => Effect.void,
            subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => subscribed.resolve()))
          })
        }
      })
      const { id } = yield* waitingRequest(codex.id)
      const answer = yield* Effect.forkScoped(me.get(`/api/runtimes/${codex.id}/models/${id}?wait=20`))
      yield* Effect.promise(() => subscribed.promise)
      yield* muster.requests.settle(codex.id, id, { _tag: "Failed", error: "" })
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(answer)).json.status, "failed")
    }))

  it.effect("a request that is settled already, or no longer `while`, is returned immediately", () =>
    Effect.gen(function*() {
      const { codex, daemon, me, path, report } = yield* startAsked
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.strictEqual((yield* me.get(`${path}?wait=20&while=pending`)).json.status, "running")
      yield* report
      assert.strictEqual((yield* me.get(`${path}?wait=20`)).json.status, "completed")
      assert.strictEqual((yield* me.get(`${path}?wait=20&while=running`)).json.status, "completed")
    }))

  it.effect.each(["wait=0", "wait=", "while=pending", ""])("`?%s` does not wait", (query) =>
    Effect.gen(function*() {
      const { me, path } = yield* startAsked
      const { json, status } = yield* me.get(`${path}?${query}`)
      assert.deepStrictEqual([status, json.status], [200, "pending"])
    }))

  it.effect.each(
    [
      ["wait=-1", "invalid wait"],
      ["wait=soon", "invalid wait"],
      ["wait=NaN", "invalid wait"],
      ["wait=Infinity", "invalid wait"],
      ["while=settled", "invalid request body"]
    ] as const
  )("`?%s` is 400 `%s`", ([query, error]) =>
    Effect.gen(function*() {
      const { me, path } = yield* startAsked
      const answer = yield* me.get(`${path}?${query}`)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
    }))
})
