import { assert, describe, it } from "@effect/vitest"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startMachines } from "../machine/Scene.ts"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"

type Home = Effect.Success<ReturnType<typeof startHome>>

/** Registers this number of machines with two CLIs each. */
const addMachines = ({ home, muster }: Home, count: number, owner: Identity.UserId) =>
  Effect.forEach(Array.from({ length: count }, (_, i) => i), (i) =>
    Effect.orDie(muster.registry.register({
      workspaceId: home,
      daemonId: Identity.DaemonId.make(`machine-${i}`),
      legacyDaemonIds: [],
      timezone: "UTC",
      owner,
      runtimes: ["claude", "opencode"].map((provider) => ({
        provider,
        name: `${provider} of machine-${i}`,
        status: i % 10 === 0 ? "offline" : "online",
        deviceInfo: `machine-${i} · 1.0.0`,
        metadata: { version: `1.0.${i}`, cli_version: "0.1.0", launched_by: "" }
      }))
    })), { discard: true })

const names = (answer: { readonly json: any }) => answer.json.items.map(({ name }: any) => name)

describe("GET /api/fleet", () => {
  it.effect("A-12 a runtime is shown as in the bare list, with its machine, owner, labels, trouble and work", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const [old] = (yield* me.get("/api/runtimes")).json
      const page = yield* me.get("/api/fleet")
      assert.strictEqual(page.status, 200)
      assert.deepStrictEqual(page.json, {
        items: [{
          ...old,
          machine_name: "box",
          machine_id: null,
          draining: false,
          owner_name: "ana",
          labels: [],
          trouble: null,
          busy: false
        }],
        next: null,
        total: 1,
        counts: {
          all: 1,
          online: 1,
          offline: 0,
          trouble: 0,
          busy: 0,
          providers: [{ value: "codex", name: "Codex", count: 1 }],
          owners: [{ value: codex.ownerId, name: "ana", count: 1 }],
          labels: []
        }
      })
    }))

  it.effect("A-12 pages of 2,001 runtimes by cursor: each runtime once, filtered and counted by the server", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      yield* addMachines(scene, 1_000, scene.ana.id)
      const seen: Array<string> = []
      let path = "/api/fleet?sort=name&limit=500"
      for (;;) {
        const page = yield* scene.me.get(path)
        seen.push(...names(page))
        assert.strictEqual(page.json.total, 2_001)
        if (page.json.next === null) break
        path = `/api/fleet?sort=name&limit=500&cursor=${page.json.next}`
      }
      assert.strictEqual(seen.length, 2_001)
      assert.strictEqual(new Set(seen).size, 2_001)
      assert.deepStrictEqual(seen.slice(0, 3), ["claude of machine-0", "claude of machine-1", "claude of machine-2"])

      const offline = yield* scene.me.get("/api/fleet?status=offline&provider=claude&limit=2&group=machine")
      assert.deepStrictEqual(names(offline), ["claude of machine-0", "claude of machine-10"])
      assert.strictEqual(offline.json.total, 100)
      assert.strictEqual(offline.json.groups.length, 100)
      assert.deepStrictEqual(
        offline.json.counts.providers.map(({ count, value }: any) => [value, count]),
        [["claude", 100], ["opencode", 100]]
      )
      const found = yield* scene.me.get("/api/fleet?q=opencode%201.0.777&owner=me")
      assert.deepStrictEqual(names(found), ["opencode of machine-777"])
      const last = yield* scene.me.get("/api/fleet?sort=name&offset=2000")
      assert.deepStrictEqual([names(last), last.json.next], [["opencode of machine-999"], null])
    }))

  it.effect("A-12 a change in the workspace, here or at another replica, is in the next page", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster } = yield* startHome()
      yield* me.get("/api/fleet")
      assert.strictEqual((yield* me.patch(`/api/runtimes/${codex.id}`, { name: "renamed" })).status, 200)
      assert.deepStrictEqual(names(yield* me.get("/api/fleet")), ["renamed"])
      yield* Effect.orDie(muster.registry.edit(codex.id, { name: "elsewhere" }))
      yield* muster.wake.publish(`workspace:${home}`)
      assert.deepStrictEqual(names(yield* me.get("/api/fleet")), ["elsewhere"])
      yield* Effect.orDie(muster.registry.edit(codex.id, { name: "unheard" }))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(names(yield* me.get("/api/fleet")), ["unheard"])
    }))

  it.effect("A-12 a machine that joined gives its runtimes its name, its labels and its drain", () =>
    Effect.gen(function*() {
      const { joined, me, registration } = yield* startMachines()
      const { daemon, id } = yield* joined()
      yield* daemon.post("/api/daemon/register", registration("box-1"))
      yield* me.patch(`/api/machines/${id}`, { name: "Ana's box", labels: ["gpu"], drain: true })
      const page = yield* me.get("/api/fleet?label=gpu&q=draining%20box")
      const { draining, labels, machine_id, machine_name } = page.json.items[0]
      assert.deepStrictEqual([machine_id, machine_name, labels, draining], [id, "Ana's box", ["gpu"], true])
      assert.deepStrictEqual([page.json.total, page.json.counts.labels], [1, [{ value: "gpu", name: "gpu", count: 1 }]])
    }))

  it.effect("A-12 a runtime that works on a request is busy until the request ends", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const busy = Effect.map(me.get("/api/fleet?status=busy"), ({ json }) => [json.total, json.counts.busy])
      const asked = yield* me.post(`/api/runtimes/${codex.id}/models`)
      assert.deepStrictEqual(yield* busy, [1, 1])
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/models/${asked.json.id}/result`, {
        status: "completed",
        models: [],
        supported: true
      })
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* busy, [0, 0])
    }))

  it.effect.each(
    [
      ["status=online,up", "status must be online, offline, trouble or busy"],
      ["sort=age", "sort must be trouble, name or seen"],
      ["group=owner", "group must be none, machine or provider"],
      ["limit=5001", "limit must be 0 to 5000"],
      ["limit=x", "limit must be 0 to 5000"],
      ["offset=-1", "offset must be 0 to 10000"],
      ["cursor=x", "cursor must be the `next` of a page; start again without it"],
      ["cursor=x&offset=1", "offset cannot be combined with cursor: use one of them"],
      [`q=${"x".repeat(257)}`, "q must be at most 256 characters"]
    ] as const
  )("A-12 `%.30s` is refused with what is accepted", ([query, sentence]) =>
    Effect.gen(function*() {
      const { me } = yield* startHome()
      const answer = yield* me.get(`/api/fleet?${query}`)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, sentence])
    }))

  it.effect("A-12 a registry that fails is 500, and the next page asks it again", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me } = yield* startHome({ wraps: { registry: (real) => ({ list: outage.guard("list", real.list) }) } })
      outage.down = true
      assert.strictEqual((yield* me.get("/api/fleet")).status, 500)
      outage.down = false
      assert.strictEqual((yield* me.get("/api/fleet")).status, 200)
    }))
})
