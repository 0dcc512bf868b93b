import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

describe("the server's end", () => {
  it.effect("a socket is closed with 1012 at once, and the server ends without waiting", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      yield* muster.stop
      assert.strictEqual(yield* socket.closed, 1012)
    }))

  it.effect("a GET that waits is answered at once, with the request as it is", () =>
    Effect.gen(function*() {
      const subscribed = Promise.withResolvers<void>()
      const { codex, me, muster } = yield* startHome({
        wraps: {
          wake: (real) => ({
            subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => subscribed.resolve()))
          })
        }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      const answer = yield* Effect.forkScoped(me.get(`/api/runtimes/${codex.id}/models/${id}?wait=20`))
      yield* Effect.promise(() => subscribed.promise)
      const stopped = yield* Effect.forkScoped(muster.stop)
      const { json, status } = yield* Fiber.join(answer)
      yield* Fiber.join(stopped)
      assert.deepStrictEqual([status, json.status], [200, "pending"])
    }))

  it.effect("a request under way when the end begins is finished", () =>
    Effect.gen(function*() {
      const entered = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const { me, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({
            list: (workspace) =>
              Effect.andThen(
                Effect.promise(() => {
                  entered.resolve()
                  return go.promise
                }),
                real.list(workspace)
              )
          })
        }
      })
      const answer = yield* Effect.forkScoped(me.get("/api/runtimes"))
      yield* Effect.promise(() => entered.promise)
      const stopped = yield* Effect.forkScoped(muster.stop, { startImmediately: true })
      go.resolve()
      assert.strictEqual((yield* Fiber.join(answer)).status, 200)
      yield* Fiber.join(stopped)
    }))

  it.effect("last-seen times that were not written yet are written", () =>
    Effect.gen(function*() {
      const { codex, daemon, muster } = yield* startHome()
      yield* TestClock.adjust("70 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* muster.stop
      const found = yield* Effect.orDie(muster.registry.find(codex.id))
      assert.strictEqual(found._tag === "Found" && found.runtime.lastSeenAt, 70_000)
    }))
})
