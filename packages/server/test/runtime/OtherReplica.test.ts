import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, goneOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

const beatPath = "/api/daemon/heartbeat"

/** Another replica writes to the same tables without a wake to this one, which cached the row at a beat. */
const startRemembering = Effect.gen(function*() {
  const scene = yield* startHome()
  const beat = yield* scene.daemon.post(beatPath, { runtime_id: scene.codex.id })
  assert.strictEqual(beat.status, 200)
  return scene
})

describe("changes by another replica", () => {
  it.effect("are visible immediately to a person who reads the runtime", () =>
    Effect.gen(function*() {
      const { codex, me, muster } = yield* startRemembering
      yield* Effect.orDie(muster.registry.edit(codex.id, { name: "renamed elsewhere" }))
      const answer = yield* me.get(`/api/runtimes/${codex.id}`)
      assert.deepStrictEqual([answer.status, answer.json.name], [200, "renamed elsewhere"])
    }))

  it.effect("a deregistration there: asking for models here is refused as offline", () =>
    Effect.gen(function*() {
      const { codex, me, muster } = yield* startRemembering
      yield* Effect.orDie(muster.registry.markOffline([codex.id]))
      const answer = yield* me.post(`/api/runtimes/${codex.id}/models`)
      assert.deepStrictEqual([answer.status, answer.json.error], [503, "runtime is offline"])
    }))

  it.effect("a deletion there, with its wake: the gone ack is sent over the socket here, unasked", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster } = yield* startRemembering
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${claude.id}`, ana.token)
      yield* Effect.orDie(muster.registry.remove(codex.id, ana.id))
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* socket.beat(claude.id)
      const frames = [yield* socket.next, yield* socket.next]
      assert.sameDeepMembers(frames, [goneOf(codex.id), ackOf(claude.id)])
    }))

  it.effect("F-25 a takeover there: the new owner's daemon beats here immediately, the old one's no longer", () =>
    Effect.gen(function*() {
      const { codex, daemon, home, muster } = yield* startRemembering
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "admin")
      yield* Effect.orDie(muster.registry.takeOver(codex.id, bob.id))
      const taken = yield* muster.as(bob.token).post(beatPath, { runtime_id: codex.id })
      assert.strictEqual(taken.status, 200)
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [404, "not found"])
    }))

  it.effect("a deletion there without a wake: beats here are 404 `runtime not found` within 20 s", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, muster } = yield* startRemembering
      yield* Effect.orDie(muster.registry.remove(codex.id, ana.id))
      yield* TestClock.adjust("20 seconds")
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [404, "runtime not found"])
    }))
})
