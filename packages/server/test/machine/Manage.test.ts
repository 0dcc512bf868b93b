import { assert, describe, it } from "@effect/vitest"
import { Machine, RuntimeRegistry, Wake } from "@muster/domain"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startMachines } from "./Scene.ts"

const startRuntime = Effect.fnUntraced(function*() {
  const scene = yield* startMachines()
  const joined = yield* scene.joined()
  const registered = yield* joined.daemon.post("/api/daemon/register", scene.registration("box-1"))
  const runtime = registered.json.runtimes[0]
  const beat = joined.daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id })
  const edit = (body: object) => scene.me.patch(`/api/machines/${joined.id}`, body)
  return { ...scene, ...joined, beat, edit, runtime }
})

describe("machines are managed", () => {
  it.effect("A-11 a drained machine gets no new work by beat or wake, and requests are refused with the note", () =>
    Effect.gen(function*() {
      const { beat, credential, edit, me, muster, runtime, waitingRequest } = yield* startRuntime()
      yield* waitingRequest(runtime.id)
      const socket = yield* openSocket(muster.url, `?runtime_ids=${runtime.id}`, credential)
      const drained = yield* edit({ drain: true, note: "new disk" })
      assert.deepStrictEqual(
        [drained.status, drained.json.drain.note, drained.json.drain.by_name],
        [200, "new disk", "ana"]
      )
      assert.deepStrictEqual((yield* beat).json, { status: "ok" })
      yield* muster.wake.publish(Wake.topic.runtime(runtime.id))
      yield* socket.beat(runtime.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(runtime.id))
      for (const path of ["models", "local-skills", "ping", "update"]) {
        const asked = yield* me.post(`/api/runtimes/${runtime.id}/${path}`, { target_version: "1.2.3" })
        assert.deepStrictEqual(
          [asked.status, asked.json],
          [409, { error: "machine is draining: new disk", code: "machine_draining" }],
          path
        )
      }
      const resumed = yield* edit({ drain: false })
      assert.strictEqual(resumed.json.drain, null)
      assert.isDefined((yield* beat).json.pending_model_list)
    }))

  it.effect("A-11 work that runs when the drain begins ends as usual", () =>
    Effect.gen(function*() {
      const { beat, daemon, edit, me, runtime, waitingRequest } = yield* startRuntime()
      const { id } = yield* waitingRequest(runtime.id)
      assert.strictEqual((yield* beat).json.pending_model_list.id, id)
      yield* edit({ drain: true })
      const path = `/api/daemon/runtimes/${runtime.id}/models/${id}/result`
      assert.strictEqual((yield* daemon.post(path, { status: "completed", models: [] })).status, 200)
      assert.strictEqual((yield* me.get(`/api/runtimes/${runtime.id}/models/${id}`)).json.status, "completed")
      const asked = yield* me.post(`/api/runtimes/${runtime.id}/ping`)
      assert.strictEqual(asked.json.error, "machine is draining")
    }))

  it.effect("A-11 a drain on another replica takes effect here within 10 s", () =>
    Effect.gen(function*() {
      const { ana, beat, id, muster, runtime, waitingRequest } = yield* startRuntime()
      yield* waitingRequest(runtime.id)
      assert.isDefined((yield* beat).json.pending_model_list)
      const drain = { since: 0, by: ana.id, note: "" }
      yield* Effect.orDie(muster.machines.edit(id as never, { drain }))
      yield* TestClock.adjust("10 seconds")
      yield* waitingRequest(runtime.id)
      assert.deepStrictEqual((yield* beat).json, { status: "ok" })
    }))

  it.effect("A-11 a fault of the store of machines drains nothing", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const { beat, runtime, waitingRequest } = yield* Effect.gen(function*() {
        const scene = yield* startMachines({
          wraps: {
            machines: () => ({ drainOf: () => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never) })
          }
        })
        const joined = yield* scene.joined()
        const registered = yield* joined.daemon.post("/api/daemon/register", scene.registration("box-1"))
        const runtime = registered.json.runtimes[0]
        return { ...scene, runtime, beat: joined.daemon.post("/api/daemon/heartbeat", { runtime_id: runtime.id }) }
      })
      yield* waitingRequest(runtime.id)
      const answer = yield* Effect.forkChild(beat)
      yield* Deferred.await(asked)
      yield* TestClock.adjust("1 second")
      assert.isDefined((yield* Fiber.join(answer)).json.pending_model_list)
    }))

  it.effect("A-11 a machine is renamed and labeled, and the audit log has both", () =>
    Effect.gen(function*() {
      const { audited, edit, id, me } = yield* startRuntime()
      assert.strictEqual((yield* edit({ name: " Box 1 " })).json.name, "Box 1")
      assert.deepStrictEqual((yield* edit({ labels: ["gpu"] })).json.labels, ["gpu"])
      yield* edit({ drain: true, note: "disk" })
      yield* edit({ drain: false })
      const { json } = yield* me.get(`/api/machines/${id}`)
      assert.deepStrictEqual([json.name, json.labels, json.drain], ["Box 1", ["gpu"], null])
      assert.deepStrictEqual((yield* audited("machine.rename"))[0]!.details, { from: "box", to: "Box 1" })
      assert.deepStrictEqual((yield* audited("machine.label"))[0]!.details, { from: "", to: "gpu" })
      assert.deepStrictEqual((yield* audited("machine.drain"))[0]!.details, { note: "disk" })
      assert.lengthOf(yield* audited("machine.resume"), 1)
      for (
        const body of [{ name: " " }, { note: "alone" }, { drain: true, note: "a".repeat(501) }, { labels: ["a b"] }]
      ) {
        assert.strictEqual((yield* edit(body)).status, 400, JSON.stringify(body))
      }
    }))

  it.effect("A-11 an admin removes another person's machine from the workspace; it remains in others", () =>
    Effect.gen(function*() {
      const { ana, home, join, joined, muster, registration } = yield* startMachines()
      yield* joined()
      const lab = (yield* muster.workspace("lab", ana)).id
      const added = yield* muster.as(ana.token, lab).post("/api/machines/join-tokens", {})
      const { credential, machine } = (yield* join(added.json.token)).json
      const own = muster.as(credential)
      const headers = { "x-machine-fingerprint": "f".repeat(64) }
      const there = (workspace: string) =>
        own.post("/api/daemon/register", registration("box-1", { workspace_id: workspace }), headers)
      const [inHome] = (yield* there(home)).json.runtimes
      const [inLab] = (yield* there(lab)).json.runtimes
      const carl = yield* muster.person("carl")
      yield* muster.member(carl, home, "admin")
      const removed = yield* muster.as(carl.token, home).delete(`/api/machines/${machine.id}`)
      assert.deepStrictEqual(removed.json, {
        machine_id: machine.id,
        workspaces: [home],
        runtimes: 1,
        credential_revoked: false
      })
      const found = (id: string) => Effect.map(Effect.orDie(muster.registry.find(id as never)), ({ _tag }) => _tag)
      assert.deepStrictEqual([yield* found(inHome.id), yield* found(inLab.id)], ["Gone", "Found"])
      assert.strictEqual((yield* there(home)).status, 404)
      assert.strictEqual((yield* there(lab)).status, 200)
    }))

  it.effect("A-06 an ephemeral machine's runtimes are removed at deregistration, with a tombstone", () =>
    Effect.gen(function*() {
      const { ana, callsOf, home, join, me, muster, registration } = yield* startMachines()
      const key = yield* muster.joinKey(home, ana, { ephemeral: true })
      const ci = callsOf((yield* join(key.secret)).json.credential)
      const [runtime] = (yield* ci.post("/api/daemon/register", registration("box-1"))).json.runtimes
      yield* ci.post("/api/daemon/deregister", { runtime_ids: [runtime.id] })
      assert.deepStrictEqual(
        yield* Effect.orDie(muster.registry.find(runtime.id)),
        RuntimeRegistry.gone.deleted(null, 0)
      )
      assert.lengthOf((yield* me.get("/api/machines")).json.machines, 1)
      yield* TestClock.adjust(Machine.ephemeralSilence + 120_000)
      assert.lengthOf((yield* me.get("/api/machines")).json.machines, 0)
    }))

  it.effect("A-06 a silent ephemeral machine is removed with its runtimes after 10 min, and another one remains", () =>
    Effect.gen(function*() {
      const { ana, callsOf, home, join, joined, me, muster, registration } = yield* startMachines()
      const key = yield* muster.joinKey(home, ana, { ephemeral: true })
      const ci = callsOf((yield* join(key.secret, { daemon_id: "ci-1" })).json.credential)
      const [gone] = (yield* ci.post("/api/daemon/register", registration("ci-1"))).json.runtimes
      const box = yield* joined()
      const [kept] = (yield* box.daemon.post("/api/daemon/register", registration("box-1"))).json.runtimes
      yield* TestClock.adjust(Machine.ephemeralSilence - 1)
      const found = (id: string) => Effect.map(Effect.orDie(muster.registry.find(id as never)), ({ _tag }) => _tag)
      assert.deepStrictEqual([yield* found(gone.id), yield* found(kept.id)], ["Found", "Found"])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([yield* found(gone.id), yield* found(kept.id)], ["Gone", "Found"])
      const { machines } = (yield* me.get("/api/machines")).json
      assert.deepStrictEqual(machines.map(({ daemon_id }: any) => daemon_id), ["box-1"])
      assert.strictEqual((yield* ci.get("/api/daemon/machine")).status, 401)
    }))
})
