import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"

const beatPath = "/api/daemon/heartbeat"

/** Beats each 15 s, for so many minutes. */
const beatFor = Effect.fnUntraced(function*(minutes: number, beat: Effect.Effect<unknown, unknown>) {
  for (let beats = 0; beats < minutes * 4; beats++) {
    yield* Effect.orDie(beat)
    yield* TestClock.adjust("15 seconds")
  }
})

const bucket = (minute: number, beats: number, up: number) => ({
  at: `1970-01-01T00:${minute.toString().padStart(2, "0")}:00.000Z`,
  beats,
  up,
  max_ms: beats === 0 ? null : 0
})

describe("the history of a runtime", () => {
  it.effect("A-11 `history` returns beats, online time and latency of each 10 min, over both transports, and the uptime", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* startHome()
      const path = `/api/runtimes/${codex.id}/history`
      assert.deepStrictEqual((yield* me.get(path)).json, { bucket_seconds: 600, buckets: [], uptime: null })
      const http = daemon.post(beatPath, { runtime_id: codex.id })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* beatFor(5, http)
      yield* beatFor(5, Effect.andThen(socket.beat(codex.id), socket.next))
      yield* TestClock.adjust("10 minutes")
      yield* beatFor(5, http)
      yield* TestClock.adjust("6 minutes")
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual((yield* me.get(path)).json, {
        bucket_seconds: 600,
        buckets: [bucket(0, 40, 1), bucket(10, 0, 0), bucket(20, 20, 0.5)],
        uptime: 0.5
      })
    }))

  it.effect("A-11 a beat counts in the 10 min of its time, whenever the counts are written", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("25 seconds")
      const { codex, daemon, me } = yield* startHome()
      const beat = daemon.post(beatPath, { runtime_id: codex.id })
      yield* TestClock.adjust("9 minutes")
      yield* TestClock.adjust("30 seconds")
      yield* beat
      yield* TestClock.adjust("15 seconds")
      yield* beat
      yield* TestClock.adjust("5 minutes")
      const { buckets } = (yield* me.get(`/api/runtimes/${codex.id}/history`)).json
      assert.deepStrictEqual(buckets.map(({ beats }: any) => beats), [1, 1])
    }))

  it.effect("A-11 while its store is down a beat works; the counts are written later, with one condition", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, daemon, me, muster } = yield* startHome({
        wraps: { history: (real) => ({ record: outage.guard("RuntimeHistory.record", real.record) }) }
      })
      outage.down = true
      const statuses: Array<number> = []
      const beat = Effect.map(daemon.post(beatPath, { runtime_id: codex.id }), ({ status }) => statuses.push(status))
      yield* beatFor(5, beat)
      outage.down = false
      yield* beatFor(5, beat)
      yield* TestClock.adjust("90 seconds")
      assert.deepStrictEqual(new Set(statuses), new Set([200]))
      const { buckets } = (yield* me.get(`/api/runtimes/${codex.id}/history`)).json
      assert.deepStrictEqual(buckets[0], bucket(0, 40, 1))
      assert.deepStrictEqual(
        muster.lines.map(({ message }) => message).filter((message) => message.includes("history")),
        [
          "store unavailable: history: RuntimeHistory.record: switched off",
          "store available again: history (after 300 s, 4 times since the last line)"
        ]
      )
    }))

  it.effect("A-11 beats that are refused do not count, and a deleted runtime has no history", () =>
    Effect.gen(function*() {
      const { codex, daemon, me, muster } = yield* startHome()
      const bob = yield* muster.person("bob")
      yield* muster.as(bob.token).post(beatPath, { runtime_id: codex.id })
      yield* daemon.post(beatPath, { runtime_id: codex.id })
      yield* TestClock.adjust("5 minutes")
      const path = `/api/runtimes/${codex.id}/history`
      assert.strictEqual((yield* me.get(path)).json.buckets[0].beats, 1)
      yield* me.delete(`/api/runtimes/${codex.id}`)
      assert.strictEqual((yield* me.get(path)).status, 404)
    }))
})
