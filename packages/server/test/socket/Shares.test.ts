import { assert, describe, it } from "@effect/vitest"
import { Instances, Wake } from "@muster/domain"
import { Deferred, Effect, Fiber } from "effect"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { openEvents } from "../support/EventStream.ts"
import { startHome } from "../support/Scene.ts"

type Home = Effect.Success<ReturnType<typeof startHome>>

const reached = ({ muster }: Home, bound: string) =>
  Effect.map(
    muster.nobody.get("/metrics"),
    ({ text }) => Number(new RegExp(`muster_bounds_reached_total\\{bound="${bound}"\\} (\\d+)`).exec(text)?.[1])
  )

const times = (count: number) => Array.from({ length: count }, (_, i) => i)

describe("F-27 one caller's use leaves capacity for the others", () => {
  it.effect("F-27 a person's 51st page is 429 with a sentence, and another person's page is admitted", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const { ana, home, me, muster } = scene
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const open = (token: string) => openEvents(muster.url, home, { authorization: `Bearer ${token}` })
      for (const _ of times(50)) assert.strictEqual(yield* (yield* open(ana.token)).next, "hello")
      const refused = yield* me.get("/api/events")
      assert.deepStrictEqual([refused.status, refused.json], [429, {
        error: "50 of your pages listen to this server, which is the maximum: close some of them",
        code: "too_many"
      }])
      assert.strictEqual(yield* (yield* open(bob.token)).next, "hello")
      assert.strictEqual(yield* reached(scene, "person_streams"), 1)
      assert.match((yield* muster.nobody.get("/metrics")).text, /muster_event_streams_open 51/)
    }))

  it.effect("F-27 of the sockets of one runtime the newest four serve it; one process has one", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const { ana, codex, muster } = scene
      const query = `?runtime_ids=${codex.id}`
      const open = (instance?: string) =>
        openSocket(
          muster.url,
          query,
          ana.token,
          instance === undefined ? {} : { headers: { [Instances.instanceHeader]: instance } }
        )
      const sockets = yield* Effect.forEach(times(5), () => open())
      assert.strictEqual(yield* sockets[0]!.closed, 4001)
      const instance = "0123456789abcdef0123456789abcdef"
      const first = yield* open(instance)
      assert.strictEqual(yield* sockets[1]!.closed, 4001)
      const second = yield* open(instance)
      assert.strictEqual(yield* first.closed, 4001)
      yield* second.beat(codex.id)
      assert.deepInclude((yield* second.next).payload, ackOf(codex.id).payload)
      assert.strictEqual(yield* reached(scene, "runtime_sockets"), 3)
      assert.match((yield* muster.nobody.get("/metrics")).text, /muster_runtimes_held 1\n/)
    }))

  it.effect("F-27 a flooding socket is closed with the reason, and its neighbor is answered", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const { ana, codex, home, muster } = scene
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const flooding = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const neighbor = yield* openSocket(muster.url, `?runtime_ids=${claude.id}`, ana.token)
      yield* Effect.forEach(times(103), () => flooding.send("{}"))
      assert.strictEqual(yield* flooding.closed, 1008)
      yield* neighbor.beat(claude.id)
      assert.deepStrictEqual(yield* neighbor.next, ackOf(claude.id))
      assert.strictEqual(yield* reached(scene, "socket_frames"), 1)
    }))

  it.effect("F-27 one probe per runtime runs at a time, and a later request is found after it", () =>
    Effect.gen(function*() {
      const [looking, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let [looks, atOnce, most, hold] = [0, 0, 0, false]
      const scene = yield* startHome({
        wraps: {
          requests: (real) => ({
            waiting: (id) =>
              Effect.suspend(() => {
                if (!hold) return real.waiting(id)
                looks++
                most = Math.max(most, ++atOnce)
                const first = looks === 1
                return (first
                  ? Effect.andThen(Deferred.succeed(looking, undefined), Effect.as(Deferred.await(go), []))
                  : real.waiting(id)).pipe(Effect.ensuring(Effect.sync(() => void atOnce--)))
              })
          })
        }
      })
      const { ana, codex, daemon, muster } = scene
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      hold = true
      const slow = yield* Effect.forkScoped(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }))
      yield* Deferred.await(looking)
      const beats = yield* Effect.forEach(
        times(50),
        () => daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }),
        { concurrency: 10 }
      )
      assert.deepStrictEqual([...new Set(beats.map(({ status }) => status))], [200])
      assert.strictEqual(looks, 1)
      const { id } = yield* scene.waitingRequest(codex.id)
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* socket.caughtUp
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual((yield* Fiber.join(slow)).status, 200)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
      assert.strictEqual(most, 1)
    }))
})
