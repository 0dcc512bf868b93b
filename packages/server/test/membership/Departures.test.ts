import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { openSocket } from "../support/DaemonSocket.ts"
import { openEvents } from "../support/EventStream.ts"
import type { Options } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"

/** The time within which a removal takes effect on any replica. */
const within = "10 seconds"

/** Bob, a member of Ana's workspace, who has a workspace of his own and a runtime in each. */
const startBob = Effect.fnUntraced(function*(options: Options = {}) {
  const scene = yield* startHome(options)
  const { ana, home, me, muster } = scene
  const bob = yield* muster.person("bob")
  yield* muster.member(bob, home, "member")
  const own = (yield* muster.workspace("own", bob)).id
  const here = yield* muster.runtime(home, { owner: bob.id, daemon: "bobs" })
  const there = yield* muster.runtime(own, { owner: bob.id, daemon: "bobs" })
  const bearer = { authorization: `Bearer ${bob.token}` }
  return {
    ...scene,
    bearer,
    bob,
    here,
    own,
    there,
    removed: Effect.map(me.delete(`/api/workspaces/${home}/members/${bob.id}`), ({ status }) => status),
    /** Another replica removes him, without a wake to this one. */
    removedElsewhere: Effect.orDie(muster.membership.removeMember({ workspaceId: home, by: ana.id, userId: bob.id }))
  }
})

describe("A-02 what ends when a person leaves a workspace", () => {
  it.effect("A-02 their event streams of that workspace end within 10 s, those of others and elsewhere stay", () =>
    Effect.gen(function*() {
      const { ana, bearer, home, muster, own, removedElsewhere } = yield* startBob()
      const his = yield* openEvents(muster.url, home, bearer)
      const kept = [
        yield* openEvents(muster.url, own, bearer),
        yield* openEvents(muster.url, home, { authorization: `Bearer ${ana.token}` })
      ]
      for (const { next } of [his, ...kept]) assert.strictEqual(yield* next, "hello")
      yield* removedElsewhere
      yield* TestClock.adjust(within)
      assert.strictEqual(yield* his.next, "closed")
      yield* TestClock.adjust("20 seconds")
      for (const { next } of kept) assert.strictEqual(yield* next, "idle")
    }))

  it.effect("A-02 their waiting calls end within 10 s as for a runtime that is not there", () =>
    Effect.gen(function*() {
      const waits = Promise.withResolvers<void>()
      const { bob, codex, home, muster, removedElsewhere, waitingRequest } = yield* startBob({
        wraps: {
          wake: (real) => ({
            subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => waits.resolve()))
          })
        }
      })
      const { id } = yield* waitingRequest(codex.id)
      const his = muster.as(bob.token, home)
      const answer = yield* Effect.forkScoped(his.get(`/api/runtimes/${codex.id}/models/${id}?wait=60`))
      yield* Effect.promise(() => waits.promise)
      yield* removedElsewhere
      yield* TestClock.adjust(within)
      const { json, status } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, json.error], [404, "runtime not found"])
    }))

  it.effect("A-02 their calls and beats are refused within 10 s on another replica, and at once on this one", () =>
    Effect.gen(function*() {
      for (const [how, wait] of [["removedElsewhere", within], ["removed", 0]] as const) {
        const scene = yield* startBob()
        const { bob, here, home, muster, there } = scene
        const his = muster.as(bob.token, home)
        const beat = (id: string) => muster.as(bob.token).post("/api/daemon/heartbeat", { runtime_id: id })
        assert.strictEqual((yield* his.get("/api/runtimes")).status, 200)
        assert.strictEqual((yield* beat(here.id)).status, 200)
        yield* scene[how]
        yield* TestClock.adjust(wait)
        assert.strictEqual((yield* his.get("/api/runtimes")).json.error, "workspace not found")
        const { json, status } = yield* beat(here.id)
        assert.deepStrictEqual([status, json.error], [404, "runtime not found"])
        assert.strictEqual((yield* beat(there.id)).status, 200)
        const again = yield* muster.as(bob.token).post("/api/daemon/register", {
          workspace_id: home,
          daemon_id: "bobs",
          runtimes: [{ type: "codex" }]
        })
        assert.deepStrictEqual([again.status, again.json.error], [404, "workspace not found"])
      }
    }))

  it.effect("A-02 their daemon's socket is told that the runtimes there are gone, within 10 s, and serves the others", () =>
    Effect.gen(function*() {
      for (const how of ["removedElsewhere", "removed"] as const) {
        const scene = yield* startBob()
        const { bob, here, muster, there } = scene
        const socket = yield* openSocket(muster.url, `?runtime_ids=${here.id},${there.id}`, bob.token)
        yield* socket.beat(here.id)
        assert.strictEqual((yield* socket.next).payload.runtime_id, here.id)
        yield* scene[how]
        yield* TestClock.adjust(within)
        const frame = yield* socket.next
        assert.deepStrictEqual([frame.payload.runtime_id, frame.payload.runtime_gone], [here.id, true])
        yield* socket.beat(there.id)
        let next = yield* socket.next
        while (next.payload.runtime_id === here.id) next = yield* socket.next
        assert.deepStrictEqual([next.payload.runtime_id, next.payload.runtime_gone], [there.id, undefined])
      }
    }))

  it.effect("A-10 a deleted workspace ends streams, and its daemons learn that their runtimes are gone", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me, muster } = yield* startHome()
      const token = yield* muster.daemonToken(home, "daemon-1")
      const stream = yield* openEvents(muster.url, home, { authorization: `Bearer ${ana.token}` })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      assert.strictEqual(yield* stream.next, "hello")
      yield* socket.beat(codex.id)
      yield* socket.next
      assert.strictEqual((yield* me.delete(`/api/workspaces/${home}?confirm=home`)).status, 204)
      const frame = yield* socket.next
      assert.deepStrictEqual([frame.payload.runtime_id, frame.payload.runtime_gone], [codex.id, true])
      const beat = (by: string) => muster.as(by).post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual((yield* beat(ana.token)).json.error, "runtime not found")
      assert.deepStrictEqual((yield* beat(token)).json.error, "invalid daemon token")
      yield* TestClock.adjust(within)
      let next = yield* stream.next
      while (next === "changed") next = yield* stream.next
      assert.strictEqual(next, "closed")
    }))
})
