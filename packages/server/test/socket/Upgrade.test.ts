import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runtimeIdsFrom } from "../../src/socket/runtimeIdsFrom.ts"
import { ackOf, openSocket, refusedSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"

const unknown = "11111111-2222-4333-8444-555555555555"

/** Queries that are refused before the upgrade. `{codex}` is Ana's runtime, `{hers}` another person's. */
const refusals = [
  ["no ids", "", 400, "runtime_ids required"],
  ["blank ids", "?runtime_ids=,%20,&runtime_id=", 400, "runtime_ids required"],
  ["junk", "?runtime_ids=junk", 400, "invalid runtime_id"],
  ["junk after a valid one", "?runtime_ids={codex},junk", 400, "invalid runtime_id"],
  ["an unknown id", `?runtime_ids=${unknown}`, 404, "runtime not found"],
  ["one stale id among valid ones", `?runtime_ids={codex},${unknown}`, 404, "runtime not found"],
  ["a stale id in the other parameter", `?runtime_ids={codex}&runtime_id=${unknown}`, 404, "runtime not found"],
  ["another person's runtime", "?runtime_ids={hers}", 404, "not found"],
  ["the first failure decides", `?runtime_ids={hers},${unknown}`, 404, "not found"]
] as const

/** Ways to name two runtimes. */
const forms = [
  ["comma-separated", "?runtime_ids={codex},{claude}"],
  ["with encoded commas and blanks", "?runtime_ids={codex}%2C%20{claude}%2C"],
  ["repeated", "?runtime_ids={codex}&runtime_ids={claude}"],
  ["by `runtime_id`", "?runtime_id={codex}&runtime_id={claude}"],
  ["by both, with doubles", "?runtime_ids={codex},{codex}&runtime_id={claude},{codex}"]
] as const

const startTwo = Effect.gen(function*() {
  const scene = yield* startHome()
  const claude = yield* scene.muster.runtime(scene.home, { provider: "claude" })
  const hers = yield* scene.muster.runtime(
    (yield* scene.muster.workspace("hers", yield* scene.muster.person("eve"))).id
  )
  const fill = (query: string) =>
    query.replaceAll("{codex}", scene.codex.id).replaceAll("{claude}", claude.id).replaceAll("{hers}", hers.id)
  return { ...scene, claude, hers, fill }
})

describe("the socket's upgrade", () => {
  it.effect.each(refusals)("6.1 %s: refused", ([, query, status, error]) =>
    Effect.gen(function*() {
      const { ana, fill, muster } = yield* startTwo
      const refusal = yield* refusedSocket(muster.url, fill(query), ana.token)
      assert.strictEqual(refusal.status, status)
      assert.deepInclude(refusal.body, { error })
    }))

  it.effect("6.1 the credential is checked first", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const none = yield* refusedSocket(muster.url, "?runtime_ids=junk")
      const bad = yield* refusedSocket(muster.url, "?runtime_ids=junk", "mdt_junk")
      assert.deepStrictEqual([none, bad], [
        { status: 401, body: { error: "missing authorization header", code: "missing_authorization" } },
        { status: 401, body: { error: "invalid daemon token", code: "invalid_token" } }
      ])
    }))

  it.effect("6.1 a dead registry: 500 `failed to load runtime`", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { ana, codex, muster } = yield* startHome({
        wraps: { registry: (real) => ({ find: outage.guard("find", real.find) }) }
      })
      outage.down = true
      const refusal = yield* refusedSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      assert.deepStrictEqual(refusal, { status: 500, body: { error: "failed to load runtime", code: "unavailable" } })
    }))

  it.effect.each(forms)("6.1 ids %s", ([, query]) =>
    Effect.gen(function*() {
      const { ana, claude, codex, fill, muster } = yield* startTwo
      const socket = yield* openSocket(muster.url, fill(query), ana.token)
      yield* socket.beat(codex.id)
      yield* socket.beat(claude.id)
      assert.deepStrictEqual([yield* socket.next, yield* socket.next], [ackOf(codex.id), ackOf(claude.id)])
    }))

  it.effect("6.1 a person's socket may mix workspaces", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const there = yield* muster.runtime((yield* muster.workspace("second", ana)).id)
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${there.id}`, ana.token)
      yield* socket.beat(there.id)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual([yield* socket.next, yield* socket.next], [ackOf(there.id), ackOf(codex.id)])
    }))

  it.effect("6.1 a daemon token opens its own runtimes, and no other daemon's or workspace's", () =>
    Effect.gen(function*() {
      const { codex, hers, home, muster } = yield* startTwo
      const token = yield* muster.daemonToken(home, "daemon-1")
      const others = yield* muster.runtime(home, { daemon: "daemon-2" })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, token)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      for (const id of [others.id, hers.id]) {
        const refusal = yield* refusedSocket(muster.url, `?runtime_ids=${id}`, token)
        assert.deepStrictEqual(refusal, { status: 404, body: { error: "not found", code: "not_found" } })
      }
    }))

  it.effect("6.1 any Origin is admitted; nothing is compressed, for any offer of the daemon", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token, {
        perMessageDeflate: true,
        origin: "https://elsewhere.example"
      })
      assert.strictEqual(socket.extensions, "")
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
    }))

  it.effect("6.1 at most 1,000 runtimes on one socket", () =>
    Effect.gen(function*() {
      const ids = Array.from({ length: 1_001 }, (_, i) => `11111111-2222-4333-8444-${String(i).padStart(12, "0")}`)
      const max = yield* runtimeIdsFrom(`/?runtime_ids=${ids.slice(1).join(",")}`)
      const { error } = yield* Effect.flip(runtimeIdsFrom(`/?runtime_ids=${ids.join(",")}`))
      assert.deepStrictEqual([max.size, error], [1_000, "more than 1000 runtime_ids"])
    }))
})
