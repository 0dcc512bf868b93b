import { assert, describe, it } from "@effect/vitest"
import { Identity, Join, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { openSocket } from "../support/DaemonSocket.ts"
import { request } from "../support/Http.ts"
import { startMachines } from "./Scene.ts"

const another = "this credential belongs to another machine: each machine has its own. " +
  "On this machine, run the command that `muster machines add` prints"

describe("a machine's credential", () => {
  it.effect("A-04 registers, beats, picks up and reports for its own machine; the runtimes are its owner's", () =>
    Effect.gen(function*() {
      const { ana, home, joined, me, muster, registration, waitingRequest } = yield* startMachines()
      const { daemon } = yield* joined()
      const registered = yield* daemon.post("/api/daemon/register", registration("box-1"))
      const [runtime] = registered.json.runtimes
      assert.strictEqual(runtime.owner_id, ana.id)
      const { id } = yield* waitingRequest(runtime.id)
      const ack = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })
      assert.strictEqual(ack.json.pending_model_list.id, id)
      const path = `/api/daemon/runtimes/${runtime.id}/models/${id}/result`
      assert.strictEqual((yield* daemon.post(path, { status: "completed", models: [] })).status, 200)
      assert.strictEqual((yield* me.get(`/api/runtimes/${runtime.id}/models/${id}`)).json.status, "completed")
      const socket = yield* openSocket(
        muster.url,
        `?runtime_ids=${runtime.id}`,
        yield* Effect.map(joined({ daemon_id: "box-1" }), ({ credential }) => credential)
      )
      yield* socket.beat(runtime.id)
      assert.strictEqual((yield* socket.next).payload.runtime_id, runtime.id)
      assert.strictEqual((yield* daemon.get("/api/daemon/machine")).status, 401)
      assert.strictEqual((yield* muster.as(ana.token, home).get("/api/me")).status, 200)
    }))

  it.effect("A-04 opens no session of the console and makes no token", () =>
    Effect.gen(function*() {
      const { joined, muster } = yield* startMachines()
      const { credential, daemon } = yield* joined()
      const signIn = yield* request(muster.url, "POST", "/api/session", { body: { token: credential } })
      assert.strictEqual(signIn.status, 401)
      for (const path of ["/api/tokens", "/api/machines/join-tokens", "/api/session/links"]) {
        assert.strictEqual((yield* daemon.post(path, { name: "more" })).status, 401, path)
      }
    }))

  it.effect("A-04 used by another machine it is refused with a sentence, and the log and the audit log have it", () =>
    Effect.gen(function*() {
      const { audited, callsOf, joined, muster, registration } = yield* startMachines()
      const { credential, daemon, id } = yield* joined()
      const copy = callsOf(credential, "0".repeat(64))
      const answers = [
        yield* daemon.post("/api/daemon/register", registration("box-2")),
        yield* daemon.post("/api/daemon/credential/renew", { daemon_id: "box-2" }),
        yield* copy.post("/api/daemon/register", registration("box-1")),
        yield* copy.post("/api/daemon/credential/renew", { daemon_id: "box-1" }),
        yield* copy.get("/api/daemon/machine"),
        yield* request(muster.url, "POST", "/api/daemon/credential/renew", {
          token: credential,
          body: { daemon_id: "box-1" }
        })
      ]
      for (const { json, status } of answers) {
        assert.deepStrictEqual([status, json], [403, { error: another, code: "credential_of_another_machine" }])
      }
      const refused = yield* audited("machine.refuse")
      assert.lengthOf(refused, answers.length)
      assert.deepStrictEqual(refused.at(-1)!.details, {
        reason: "credential of another machine",
        by_daemon_id: "box-2"
      })
      const lines = muster.lines.filter(({ message }) => message.startsWith("another machine uses the credential"))
      assert.deepStrictEqual(lines.map(({ annotations }) => annotations["machine_id"]), [id])
      assert.strictEqual((yield* daemon.get("/api/daemon/machine")).status, 200)
    }))

  it.effect("A-04 a machine without a fingerprint joins and renews by its daemon id only", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* startMachines()
      const { json: { token } } = yield* me.post("/api/machines/join-tokens", {})
      const joined = yield* request(muster.url, "POST", "/api/join", { body: { token, daemon_id: "box-1" } })
      const { credential } = joined.json
      const renewed = yield* muster.as(credential).post("/api/daemon/credential/renew", { daemon_id: "box-1" })
      assert.strictEqual(renewed.status, 200)
    }))

  it.effect("A-04 is renewed without a gap: the old one is valid until the new one was used, and 10 min longer", () =>
    Effect.gen(function*() {
      const { audited, callsOf, joined } = yield* startMachines()
      const { daemon } = yield* joined()
      const own = (calls: typeof daemon) => Effect.map(calls.get("/api/daemon/machine"), ({ status }) => status)
      // The reply to the first renewal is lost, and the old one remains valid, at any time.
      const lost = yield* daemon.post("/api/daemon/credential/renew", { daemon_id: "box-1" })
      assert.deepStrictEqual([lost.status, lost.json.expires_at], [200, "1970-01-31T00:00:00Z"])
      yield* TestClock.adjust("1 minute")
      const { json } = yield* daemon.post("/api/daemon/credential/renew", { daemon_id: "box-1" })
      const renewed = callsOf(json.credential)
      assert.strictEqual(yield* own(callsOf(lost.json.credential)), 401)
      assert.deepStrictEqual([yield* own(daemon), yield* own(renewed)], [200, 200])
      // The use of the new one is written within a minute.
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* own(daemon), 200)
      yield* TestClock.adjust(Join.credentialOverlap)
      assert.deepStrictEqual([yield* own(daemon), yield* own(renewed)], [401, 200])
      assert.lengthOf(yield* audited("machine.renew"), 2)
    }))

  it.effect("A-04 expires without a renewal, which its machine shows", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startMachines()
      const { credential, id } = yield* muster.machine(home, ana, "box-2", { expiresAt: 60_000 })
      const state = Effect.map(me.get(`/api/machines/${id}`), ({ json }) => json.state)
      assert.strictEqual(yield* state, "joined")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* muster.as(credential).get("/api/daemon/machine")).status, 401)
      assert.strictEqual(yield* state, "expired")
    }))

  it.effect("A-04 after a removal here the machine has no runtime and no credential immediately, and its socket ends", () =>
    Effect.gen(function*() {
      const { audited, credential, daemon, id, me, muster, registration, ana } = yield* Effect.gen(function*() {
        const scene = yield* startMachines()
        return { ...scene, ...(yield* scene.joined()) }
      })
      const [runtime] = (yield* daemon.post("/api/daemon/register", registration("box-1"))).json.runtimes
      const socket = yield* openSocket(muster.url, `?runtime_ids=${runtime.id}`, credential)
      const removed = yield* me.delete(`/api/machines/${id}`)
      assert.deepStrictEqual([removed.json.runtimes, removed.json.credential_revoked], [1, true])
      const again = yield* daemon.post("/api/daemon/register", registration("box-1"))
      assert.deepStrictEqual([again.status, again.json.error], [401, "invalid daemon token"])
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })).status, 401)
      assert.deepStrictEqual(
        yield* Effect.orDie(muster.registry.find(runtime.id)),
        RuntimeRegistry.gone.deleted(ana.id, 0)
      )
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* socket.closed, 1008)
      assert.deepStrictEqual((yield* audited("machine.remove"))[0]!.details, { runtimes: 1, credential_revoked: true })
      assert.strictEqual((yield* me.delete(`/api/machines/${id}`)).status, 404)
    }))

  it.effect("A-04 after a removal on another replica the credential ends here within 10 s", () =>
    Effect.gen(function*() {
      const { joined, muster, registration } = yield* startMachines()
      const { credential, daemon, id } = yield* joined()
      const [runtime] = (yield* daemon.post("/api/daemon/register", registration("box-1"))).json.runtimes
      const socket = yield* openSocket(muster.url, `?runtime_ids=${runtime.id}`, credential)
      yield* Effect.orDie(muster.machines.leave(Identity.MachineId.make(id), null))
      assert.strictEqual((yield* daemon.post("/api/daemon/register", registration("box-1"))).status, 401)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })).status, 401)
      assert.strictEqual(yield* socket.closed, 1008)
    }))

  it.effect("A-04 ends for a workspace that its machine's owner has left, within 10 s", () =>
    Effect.gen(function*() {
      const { ana, home, joined, muster, registration } = yield* startMachines()
      const { daemon } = yield* joined()
      const [runtime] = (yield* daemon.post("/api/daemon/register", registration("box-1"))).json.runtimes
      muster.accessState.members.get(ana.id)!.delete(home)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* daemon.post("/api/daemon/register", registration("box-1"))).status, 404)
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })).status, 404)
      assert.deepStrictEqual((yield* daemon.get("/api/daemon/machine")).json.workspaces, [])
    }))

  it.effect("A-04 after a takeover of its runtimes it no longer acts for them", () =>
    Effect.gen(function*() {
      const { home, joined, muster, registration } = yield* startMachines()
      const { daemon } = yield* joined()
      const [runtime] = (yield* daemon.post("/api/daemon/register", registration("box-1"))).json.runtimes
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "admin")
      yield* muster.as(bob.token, home).post(`/api/runtimes/${runtime.id}/take-over`)
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })).status, 404)
      const again = yield* daemon.post("/api/daemon/register", registration("box-1"))
      assert.deepStrictEqual([again.status, again.json.code], [403, "daemon_of_another"])
    }))
})
