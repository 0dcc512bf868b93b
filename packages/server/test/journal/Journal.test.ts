import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, RequestJournal, type RequestStore } from "@muster/domain"
import { Context, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Journal } from "../../src/journal/Journal.ts"
import { ReplicaName } from "../../src/journal/ReplicaName.ts"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, dead, Outage } from "../support/Stores.ts"

const start = (options: Parameters<typeof startHome>[0] = {}) =>
  Effect.provideService(startHome(options), ReplicaName, "web-1")

const iso = (ms: number) => new Date(ms).toISOString()

describe("the journal of requests", () => {
  it.effect("the entry of a request has its creation, its deliveries with transport, and its end, without payload and result", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* start()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
      yield* TestClock.adjust(20_001)
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const secret = { status: "failed", error: "not logged in", models: [{ id: "secret", label: "Secret" }] }
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, secret)
      const { json } = yield* me.get("/api/requests")
      assert.deepStrictEqual(json, {
        requests: [{
          id,
          runtime_id: codex.id,
          runtime_name: "Codex (box)",
          runtime_gone: false,
          kind: "model_list",
          status: "failed",
          created_by: ana.id,
          created_at: iso(0),
          created_on: "web-1",
          deliveries: [{ at: iso(0), via: "socket", on: "web-1" }, { at: iso(20_001), via: "beat", on: "web-1" }],
          end: { how: "failed", at: iso(20_001), on: "web-1", error: "not logged in" }
        }]
      })
    }))

  it.effect("C-04 an entry has its runtime's present name, and keeps its name when the runtime is deleted", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me } = yield* start({
        wraps: { registry: (real) => ({ list: outage.guard("list", real.list) }) }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      const seen = Effect.gen(function*() {
        const [listed] = (yield* me.get("/api/requests")).json.requests
        const explained = (yield* me.get(`/api/requests/${id}/explain`)).json
        return {
          listed: [listed.runtime_name, listed.runtime_gone],
          explained: [explained.runtime_name, explained.text]
        }
      })
      yield* me.patch(`/api/runtimes/${codex.id}`, { name: "Ana's Codex" })
      const living = yield* seen
      assert.deepStrictEqual(living.listed, ["Ana's Codex", false])
      assert.match(living.explained[1], /^This model list request to Ana's Codex was/)

      yield* me.delete(`/api/runtimes/${codex.id}`)
      const deleted = yield* seen
      assert.deepStrictEqual(deleted.listed, ["Codex (box)", true])
      assert.match(deleted.explained[1], /request to Codex \(box\) was .* Its runtime has been removed\./)

      // A registry that does not answer says nothing about a runtime.
      outage.down = true
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual((yield* seen).listed, ["Codex (box)", null])
    }))

  it.effect("the list of a workspace's requests is newest first, for its members only, with their limits applied", () =>
    Effect.gen(function*() {
      const { codex, me, muster } = yield* start()
      const ask = Effect.map(me.post(`/api/runtimes/${codex.id}/models`), ({ json }) => json.id as string)
      const first = yield* ask
      yield* TestClock.adjust(30_001)
      const second = yield* ask
      const { requests } = (yield* me.get("/api/requests")).json
      assert.deepStrictEqual(
        requests.map(({ id, status }: { id: string; status: string }) => [id, status]),
        [[second, "pending"], [first, "timeout"]]
      )
      assert.strictEqual((yield* me.get("/api/requests?limit=1")).json.requests.length, 1)
      for (const limit of ["0", "101", "x"]) {
        assert.strictEqual((yield* me.get(`/api/requests?limit=${limit}`)).status, 400)
      }
      const eve = yield* muster.person("eve")
      const elsewhere = muster.as(eve.token, (yield* muster.workspace("eves", eve)).id)
      assert.deepStrictEqual((yield* elsewhere.get("/api/requests")).json, { requests: [] })
      assert.deepStrictEqual((yield* elsewhere.get(`/api/requests/${first}/explain`)).json.error, "request not found")
    }))

  it.effect("the journal writes at most once a second, one note of each request, and nothing without events", () =>
    Effect.gen(function*() {
      const written: Array<RequestJournal.JournalNotes> = []
      const { codex, daemon, me } = yield* start({
        wraps: {
          journal: (real) => ({
            write: (notes) => {
              written.push(notes)
              return real.write(notes)
            }
          })
        }
      })
      const beat = daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* me.post(`/api/runtimes/${codex.id}/ping`)
      yield* beat
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(written.map(({ entries, heard }) => [entries.length, heard.length]), [[1, 1]])
      for (let beats = 0; beats < 4; beats++) {
        yield* beat
        yield* TestClock.adjust("15 seconds")
      }
      assert.strictEqual(written.length, 1)
    }))

  it.effect("a dead or hanging journal neither fails nor delays a request; afterwards it has what fits", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, daemon, me } = yield* start({
        wraps: { journal: (real) => ({ write: outage.guard("RequestJournal.write", real.write as AnyCall) }) }
      })
      outage.down = true
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* TestClock.adjust("5 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const report = `/api/daemon/runtimes/${codex.id}/models/${id}/result`
      assert.strictEqual((yield* daemon.post(report, { status: "completed" })).status, 200)
      outage.down = false
      yield* TestClock.adjust("1 second")
      const [entry] = (yield* me.get("/api/requests")).json.requests
      assert.deepInclude(entry, { id, status: "completed", created_on: "web-1" })
      assert.strictEqual(entry.deliveries.length, 1)
    }))

  it.effect("a dead journal is a 500, never an empty list or an absent request", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me } = yield* start({
        wraps: {
          journal: (real) => ({
            recent: outage.guard("RequestJournal.recent", real.recent),
            find: outage.guard("RequestJournal.find", real.find)
          })
        }
      })
      outage.down = true
      for (const path of ["", `/${"0".repeat(32)}/explain`]) {
        assert.strictEqual((yield* me.get(`/api/requests${path}`)).status, 500)
      }
    }))
})

describe("explaining a request over the API", () => {
  it.effect("the explanation has the daemon's connection, its last beat, and what happens next", () =>
    Effect.gen(function*() {
      const { ana, codex, me, muster } = yield* start()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      yield* socket.next
      yield* TestClock.adjust("3 seconds")
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* socket.next
      const { json } = yield* me.get(`/api/requests/${id}/explain`)
      assert.strictEqual(
        json.text,
        "This model list request to Codex (box) was made 0 s ago at web-1. Codex (box) is online: its last beat was 3 s " +
          "ago, and its socket to this replica (web-1) was opened 3 s ago. It was delivered over the socket by web-1, 0 s " +
          "ago. Without a report it is delivered again with the first beat or wake after 20 s; if no report arrives, it " +
          "times out in 60 s."
      )
      assert.deepInclude(json, {
        id,
        status: "running",
        replica: "web-1",
        runtime: { name: "Codex (box)", status: "online", last_beat_at: iso(0) },
        heard: { on: "web-1", via: "socket", since: iso(0) }
      })
      assert.deepStrictEqual(json.coming.map(({ what }: { what: string }) => what), ["redelivery", "limit"])
    }))

  it.effect("the explanation has less detail while other stores are unavailable, and lists what is not known", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me } = yield* start({
        wraps: {
          registry: (real) => ({ find: outage.guard("RuntimeRegistry.find", real.find) }),
          requests: (real: RequestStore.RequestStore["Service"]) => ({
            get: outage.guard("RequestStore.get", real.get)
          })
        }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      outage.down = true
      const { json } = yield* me.get(`/api/requests/${id}/explain`)
      assert.match(json.text, /It is not known whether its runtime is online\. It has not been delivered\./)
      assert.deepStrictEqual([json.runtime, json.status], [null, "pending"])
      assert.strictEqual(json.coming.at(-1).at, iso(Kinds.ModelList.terms.pending))
    }))
})

describe("the journals of two replicas", () => {
  it.effect("one replica explains where a socket at the other is, and which replica made each delivery", () =>
    Effect.gen(function*() {
      const { codex, home, muster, waitingRequest } = yield* start()
      const store = Layer.succeed(RequestJournal.RequestJournal, muster.journal)
      const replica = (name: string) =>
        Effect.map(
          Layer.build(Layer.fresh(Layer.provide(Journal.layer, [store, Layer.succeed(ReplicaName, name)]))),
          (context) => Context.get(context, Journal)
        )
      const [web2, web3] = [yield* replica("web-2"), yield* replica("web-3")]
      const request = yield* waitingRequest(codex.id)
      yield* web3.created(codex, request)
      const leave = web2.join([codex.id])
      yield* web2.delivered(codex, [Request.claim(request, 5)], "socket")
      yield* TestClock.adjust("1 second")
      const at = (via: "socket" | "beat" | null, since: number, on = "web-2") =>
        Option.some({ runtimeId: codex.id, on, via, since })
      assert.deepStrictEqual(yield* web3.presence(codex.id), at("socket", 0))
      const entry = Option.getOrThrow(yield* web3.find(home, request.id))
      assert.deepStrictEqual([entry.createdOn, entry.deliveries], ["web-3", [{ at: 5, via: "socket", on: "web-2" }]])
      // A second socket here before the first one ends: the runtime remains present.
      const leaveSecond = web2.join([codex.id])
      leave()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* web3.presence(codex.id), at("socket", 1_000))
      leaveSecond()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* web3.presence(codex.id), at(null, 2_000))
      web3.beat(codex.id, "beat", 3_000)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* web2.presence(codex.id), at("beat", 3_000, "web-3"))
    }))

  it.effect("F-23 notes of a failed write are written with the next, once the store is back", () =>
    Effect.gen(function*() {
      let fault: "none" | "unavailable" | "broken" = "none"
      const written: Array<string> = []
      const { codex, me } = yield* start({
        wraps: {
          journal: (real) => ({
            write: (notes) =>
              Effect.suspend(() => {
                if (fault === "broken") return Effect.die(new Error("boom"))
                if (fault === "unavailable") return dead("RequestJournal.write")
                written.push(...notes.entries.map(({ id }) => id))
                return real.write(notes)
              })
          })
        }
      })
      for (const next of ["unavailable", "broken"] as const) {
        fault = next
        const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models?fresh=1`)).json
        yield* TestClock.adjust("1 second")
        assert.notInclude(written, id)
        fault = "none"
        yield* TestClock.adjust("1 second")
        assert.include(written, id, next)
        yield* TestClock.adjust("31 seconds")
      }
    }))
})
