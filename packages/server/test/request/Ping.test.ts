import { assert, describe, it } from "@effect/vitest"
import { LivenessPolicy, Pacing } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

const said = { status: "completed", transport: "socket", held_ms: 3, cli_version: "1.0.0", cli_ms: 2 }

describe("a ping", () => {
  it.effect("S-06 takes the path of work: by a wake over the socket, else with the next beat; once", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* startHome()
      const claude = yield* muster.runtime(codex.workspaceId, { provider: "claude", owner: ana.id })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const bySocket = (yield* me.post(`/api/runtimes/${codex.id}/ping`)).json
      const byBeat = (yield* me.post(`/api/runtimes/${claude.id}/ping`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_ping: { id: bySocket.id } }))
      const beat = () => daemon.post("/api/daemon/heartbeat", { runtime_id: claude.id })
      assert.deepStrictEqual((yield* beat()).json.pending_ping, { id: byBeat.id })
      assert.isUndefined((yield* beat()).json.pending_ping)
      yield* TestClock.adjust(20)
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/ping/${bySocket.id}/result`, said)
      const { json } = yield* me.get(`/api/runtimes/${codex.id}/ping/${bySocket.id}`)
      assert.deepInclude(json, said)
      assert.strictEqual(Date.parse(json.updated_at) - Date.parse(json.created_at), 20)
    }))

  it.effect("F-10 a runtime that only beats, at the widest pace, is reached", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/ping`)).json
      yield* TestClock.adjust(Pacing.widestBeat(LivenessPolicy.defaultIntervals))
      const { json } = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual(json.pending_ping, { id })
    }))

  it.effect.each(
    [
      ["of v0.3.1", { "x-client-platform": "daemon", "x-client-version": "0.3.1" }, 409],
      ["later, with other capabilities", { "x-client-platform": "daemon", "x-client-capabilities": "rpc-v1" }, 409],
      ["of Muster", { "x-client-platform": "daemon", "x-client-capabilities": "other, PING" }, 200],
      ["that does not name itself", {}, 200]
    ] as const
  )("F-10 a daemon %s: %o, asking for a ping is answered with %s", ([, headers, status]) =>
    Effect.gen(function*() {
      const { daemon, home, me } = yield* startHome()
      const runtimes = [{ name: "Gemini", type: "gemini", version: "1", status: "online" }]
      const body = { workspace_id: home, daemon_id: "go", cli_version: "0.3.1", runtimes }
      const [row] = (yield* daemon.post("/api/daemon/register", body, headers)).json.runtimes
      const answer = yield* me.post(`/api/runtimes/${row.id}/ping`)
      assert.strictEqual(answer.status, status)
      if (status === 200) return
      assert.deepStrictEqual(answer.json, {
        error: "this runtime cannot be pinged: its daemon (0.3.1) does not support it",
        code: "unsupported"
      })
      assert.strictEqual((yield* me.post(`/api/runtimes/${row.id}/models`)).status, 200)
    }))

  it.effect("S-06 online, but not receiving work: a timeout after 35 s without a pick-up", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const first = (yield* me.post(`/api/runtimes/${codex.id}/ping`)).json
      assert.strictEqual((yield* me.post(`/api/runtimes/${codex.id}/ping`)).json.id, first.id)
      yield* TestClock.adjust(35_001)
      const { json } = yield* me.get(`/api/runtimes/${codex.id}/ping/${first.id}`)
      assert.deepInclude(json, { status: "timeout", error: "daemon did not respond within 35 seconds" })
    }))
})
