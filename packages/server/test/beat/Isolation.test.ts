import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

/** Two runtimes of one daemon; once `hang` is called, every probe of the first one hangs. */
const startHanging = Effect.gen(function*() {
  const looked = yield* Deferred.make<void>()
  let hung = ""
  const scene = yield* startHome({
    wraps: {
      requests: (real) => ({
        waiting: (id) =>
          id === hung ? Effect.andThen(Deferred.succeed(looked, undefined), Effect.never) : real.waiting(id)
      })
    }
  })
  const claude = yield* scene.muster.runtime(scene.home, { provider: "claude" })
  const query = `?runtime_ids=${scene.codex.id},${claude.id}`
  const socket = yield* openSocket(scene.muster.url, query, scene.ana.token)
  const hang = Effect.sync(() => void (hung = scene.codex.id))
  return { ...scene, claude, socket, hang, looked: Deferred.await(looked) }
})

describe("one runtime whose store hangs", () => {
  it.effect("H-12 delays no other runtime's beat over HTTP", () =>
    Effect.gen(function*() {
      const { claude, codex, daemon, hang, looked } = yield* startHanging
      yield* hang
      const slow = yield* Effect.forkScoped(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }))
      yield* looked
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: claude.id })).status, 200)
      assert.strictEqual(slow.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(slow)).status, 200)
    }))

  it.effect("H-12 delays no other runtime's beat on the same socket, and is answered within its own bound", () =>
    Effect.gen(function*() {
      const { claude, codex, hang, looked, socket } = yield* startHanging
      yield* hang
      yield* socket.beat(codex.id)
      yield* looked
      // A second beat of a runtime during its first adds nothing; the same ack answers it.
      yield* socket.beat(codex.id)
      yield* socket.beat(claude.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      yield* socket.beat(claude.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
    }))

  it.effect("H-12 delays no wake of another runtime, nor its beat", () =>
    Effect.gen(function*() {
      const { claude, codex, hang, looked, me, muster, socket } = yield* startHanging
      yield* hang
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* looked
      yield* socket.beat(claude.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
      const { id } = (yield* me.post(`/api/runtimes/${claude.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id, { pending_model_list: { id } }))
    }))

  it.effect("H-04 a probe that cannot be interrupted still delays its beat by 1 s only", () =>
    Effect.gen(function*() {
      const looked = yield* Deferred.make<void>()
      const healed = yield* Deferred.make<ReadonlyArray<string>>()
      const { codex, daemon } = yield* startHome({
        wraps: {
          requests: () => ({
            waiting: () =>
              Effect.uninterruptible(Effect.andThen(Deferred.succeed(looked, undefined), Deferred.await(healed)))
          })
        }
      })
      const beat = yield* Effect.forkScoped(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }))
      yield* Deferred.await(looked)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Fiber.join(beat)).json, { status: "ok" })
      yield* Deferred.succeed(healed, [])
    }))

  it.effect("H-04 a probe with a defect costs the beat its work, not its ack", () =>
    Effect.gen(function*() {
      const { codex, daemon, muster } = yield* startHome({
        wraps: { requests: () => ({ waiting: () => Effect.die(new Error("bug")) }) }
      })
      const answer = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
      assert.strictEqual(muster.lines.filter(({ level }) => level === "Error").length, 1)
    }))
})
