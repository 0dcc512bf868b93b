import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Deferred, Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, goneOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"
import { dead, Outage } from "../support/Stores.ts"

const startConnected = Effect.fnUntraced(function*(options: Parameters<typeof startHome>[0] = {}) {
  const scene = yield* startHome(options)
  const claude = yield* scene.muster.runtime(scene.home, { provider: "claude" })
  const socket = yield* openSocket(
    scene.muster.url,
    `?runtime_ids=${scene.codex.id},${claude.id}`,
    scene.ana.token
  )
  return { ...scene, claude, socket }
})

describe("wakes over the socket", () => {
  it.effect("a request reaches a connected daemon by a wake, without a beat", () =>
    Effect.gen(function*() {
      const { codex, me, socket } = yield* startConnected()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).json.status, "running")
    }))

  it.effect("a wake is not a beat of its runtime", () =>
    Effect.gen(function*() {
      const lively: Array<string> = []
      const { codex, me, socket } = yield* startConnected({
        wraps: {
          liveness: (real) => ({
            beat: (runtime) => {
              lively.push(runtime.id)
              return real.beat(runtime)
            }
          })
        }
      })
      yield* me.post(`/api/runtimes/${codex.id}/models`)
      yield* socket.next
      assert.deepStrictEqual(lively, [])
      yield* socket.beat(codex.id)
      yield* socket.next
      assert.deepStrictEqual(lively, [codex.id])
    }))

  it.effect("a deleted runtime's gone ack is sent immediately, and its socket stays open for the others", () =>
    Effect.gen(function*() {
      const { claude, codex, me, socket } = yield* startConnected()
      yield* me.delete(`/api/runtimes/${codex.id}`)
      assert.deepStrictEqual(yield* socket.next, goneOf(codex.id))
      yield* socket.beat(claude.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
    }))

  it.effect("a wake without a request sends nothing", () =>
    Effect.gen(function*() {
      const { claude, codex, me, muster, socket } = yield* startConnected()
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      const { id } = (yield* me.post(`/api/runtimes/${claude.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id, { pending_model_list: { id } }))
    }))

  it.effect("a wake while the registry is down sends nothing, and no gone", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const missed = yield* Deferred.make<void>()
      const { claude, codex, me, muster, socket } = yield* startConnected({
        wraps: {
          registry: (real) => ({
            find: outage.guard("find", real.find, Deferred.succeed(missed, undefined)),
            rows: outage.guard("rows", real.rows)
          })
        }
      })
      outage.down = true
      yield* TestClock.adjust("20 seconds")
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* Deferred.await(missed)
      outage.down = false
      const { id } = (yield* me.post(`/api/runtimes/${claude.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id, { pending_model_list: { id } }))
    }))

  it.effect("with every wake lost the next beat delivers the request", () =>
    Effect.gen(function*() {
      const { codex, me, socket } = yield* startConnected({ wraps: { wake: () => ({ publish: () => Effect.void }) } })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
    }))

  it.effect("H-05 a claim that fails after a wake sends nothing; the next beat delivers the request", () =>
    Effect.gen(function*() {
      let broken = true
      const tried = yield* Deferred.make<void>()
      const { codex, me, socket } = yield* startConnected({
        wraps: {
          requests: (real) => ({
            claim: (id, wanted) =>
              broken ? Effect.andThen(Deferred.succeed(tried, undefined), dead("claim")) : real.claim(id, wanted)
          })
        }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* Deferred.await(tried)
      broken = false
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
    }))

  it.effect("F-10 a socket that does not answer pings gets no work by wakes: the next beat over HTTP delivers it", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* startHome()
      const query = `?runtime_ids=${codex.id}`
      const deaf = yield* openSocket(muster.url, query, ana.token, { autoPong: false })
      yield* deaf.pinged
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/ping`)).json
      // The wake was published before the answer; the server reads this after it.
      yield* deaf.caughtUp
      const { json } = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual(json.pending_ping, { id })
    }))
})
