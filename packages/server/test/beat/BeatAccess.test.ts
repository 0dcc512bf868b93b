import { assert, describe, it } from "@effect/vitest"
import { type Identity, Wake } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import type { Muster } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"
import type { Person } from "../support/World.ts"

const beatPath = "/api/daemon/heartbeat"

/** The maximum time that an access decision may be reused: within 10 s on every replica. */
const remembered = "8 seconds"

/** A case that no contract offers: the person is no longer a member, and this server was not notified. */
const dismiss = (muster: Muster, person: Person, workspace: Identity.WorkspaceId) =>
  muster.accessState.members.get(person.id)!.delete(workspace)

describe("access is checked on every beat", () => {
  it.effect("H-03 another workspace's credential is 404 `not found`, unlike an unknown runtime", () =>
    Effect.gen(function*() {
      const { codex, muster } = yield* startHome()
      const eve = yield* muster.person("eve")
      yield* muster.workspace("elsewhere", eve)
      const answer = yield* muster.as(eve.token).post(beatPath, { runtime_id: codex.id })
      assert.strictEqual(answer.status, 404)
      assert.deepStrictEqual(answer.json, { error: "not found", code: "not_found" })
    }))

  it.effect("H-03 F-25 any member beats for a runtime without an owner, and for no other member's", () =>
    Effect.gen(function*() {
      const { codex, home, muster } = yield* startHome()
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "admin")
      const unowned = yield* muster.runtime(home, { daemon: "daemon-2" })
      const ask = (runtime_id: string) => muster.as(bob.token).post(beatPath, { runtime_id })
      const [free, taken] = [yield* ask(unowned.id), yield* ask(codex.id)]
      assert.deepStrictEqual([free.status, free.json], [200, { status: "ok" }])
      assert.deepStrictEqual([taken.status, taken.json.error], [404, "not found"])
    }))

  it.effect("H-03 a membership that ended ends the HTTP beats", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, home, muster } = yield* startHome()
      assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 200)
      dismiss(muster, ana, home)
      yield* TestClock.adjust(remembered)
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [404, "not found"])
    }))

  it.effect("H-03 a membership that ended ends the acks and wakes of an open socket", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster, waitingRequest } = yield* startHome()
      const second = (yield* muster.workspace("second", ana)).id
      const other = yield* muster.runtime(second)
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${other.id}`, ana.token)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      dismiss(muster, ana, home)
      yield* TestClock.adjust(remembered)

      yield* waitingRequest(codex.id)
      const { id } = yield* waitingRequest(other.id)
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* muster.wake.publish(Wake.topic.runtime(other.id))
      assert.deepStrictEqual(yield* socket.next, ackOf(other.id, { pending_model_list: { id } }))
      yield* socket.beat(codex.id)
      yield* socket.beat(other.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(other.id))
      assert.deepStrictEqual(yield* muster.requests.waiting(codex.id), ["model_list"])
    }))

  it.effect("X-02 a token revoked on this replica is refused immediately", () =>
    Effect.gen(function*() {
      const { ana, codex, me, muster } = yield* startHome()
      const { id, secret } = yield* muster.tokenOf(ana.id)
      const daemon = muster.as(secret)
      assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 200)
      assert.strictEqual((yield* me.delete(`/api/tokens/${id}`)).status, 204)
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [401, "invalid token"])
    }))

  it.effect("X-02 a token revoked on another replica is refused within 10 s, also on an open socket", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const { id, secret } = yield* muster.tokenOf(ana.id)
      assert.strictEqual((yield* muster.as(secret).get("/api/me")).status, 200)
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, secret)
      const answered = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))

      yield* Effect.orDie(muster.access.revokeToken(ana.id, id))
      yield* TestClock.adjust(remembered)

      const answer = yield* muster.as(secret).post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [401, "invalid token"])
      yield* socket.beat(codex.id)
      assert.strictEqual(yield* socket.closed, 1008)
      yield* answered.beat(codex.id)
      assert.deepStrictEqual(yield* answered.next, ackOf(codex.id))
    }))

  it.effect("X-02 an expired token is refused at most 10 s after its end", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const { secret } = yield* muster.tokenOf(ana.id, 60_000)
      const daemon = muster.as(secret)
      yield* TestClock.setTime(59_999)
      assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 200)
      yield* TestClock.adjust(remembered)
      assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 401)
    }))
})
