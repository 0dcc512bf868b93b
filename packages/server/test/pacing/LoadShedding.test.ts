import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { EventLoop } from "../../src/pacing/EventLoop.ts"
import { LoadShedding } from "../../src/pacing/LoadShedding.ts"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

describe("the pace that a server sends to daemons", () => {
  it.effect("depends on its sockets and its event loop, measured each 5 s", () => {
    let delay = 0
    const layer = LoadShedding.layer.pipe(Layer.provide(Layer.succeed(EventLoop, { delay: () => delay })))
    return Effect.gen(function*() {
      const shedding = yield* LoadShedding
      assert.deepStrictEqual(shedding.fields(0), {})
      const leaves = Array.from({ length: 2_000 }, () => shedding.join(10))
      assert.deepStrictEqual(shedding.fields(4_999), {})
      assert.deepStrictEqual(shedding.fields(5_000), { next_beat_ms: 20_000, reconnect_window_ms: 20_000 })
      delay = 250
      assert.deepStrictEqual(shedding.pacing(10_000), { beat: 30_000, window: 40_000 })
      delay = 0
      for (const leave of leaves) leave()
      assert.strictEqual(shedding.sockets(), 0)
      assert.deepStrictEqual(shedding.fields(0), {}, "a clock that was set back")
    }).pipe(Effect.provide(layer))
  })

  it.effect("is in the acks of both transports for a daemon that reads it, and for no other", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, muster } = yield* startHome({ delay: () => 150 })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const beat = (more: object) =>
        Effect.map(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id, ...more }), ({ text }) => text)

      yield* TestClock.adjust("7 seconds")
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      assert.strictEqual(yield* beat({}), `{"status":"ok"}\n`)

      const told = { next_beat_ms: 23_000, reconnect_window_ms: 2_000 }
      yield* socket.beat(codex.id, { supports_pacing: true })
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { ...told, server_time_ms: 7_000 }))
      assert.deepStrictEqual(JSON.parse(yield* beat({ supports_pacing: true })), { status: "ok", ...told })
    }))

  it.effect("an unloaded server sends only the time", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id, { supports_pacing: true })
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { server_time_ms: 0 }))
      const { text } = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id, supports_pacing: true })
      assert.strictEqual(text, `{"status":"ok"}\n`)
    }))

  it.live("the event loop's delay is measured", () =>
    Effect.gen(function*() {
      const loop = yield* EventLoop
      const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      const busy = Effect.sync(() => {
        for (const end = performance.now() + 250; performance.now() < end;);
      })
      yield* Effect.repeat(Effect.andThen(busy, turn), { times: 3 })
      const delay = loop.delay()
      assert.isTrue(delay > 100 && delay < 1_000, `${delay} ms`)
      assert.strictEqual(loop.delay(), 0, "since the last look")
    }).pipe(Effect.provide(EventLoop.layer)))
})
