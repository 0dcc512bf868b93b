import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

describe("pings", () => {
  it.effect("F-07 a daemon that beats each 90 s keeps its socket: it answers pings", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      for (let beats = 0; beats < 3; beats++) {
        yield* socket.beat(codex.id)
        assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
        for (let passed = 0; passed < 90; passed += 2) {
          yield* TestClock.adjust("2 seconds")
          yield* socket.caughtUp
        }
      }
      // One at the beginning, then one each 54 s.
      assert.strictEqual((yield* socket.pings).length, 1 + 5)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
    }))

  it.effect("F-07 a socket without pongs ends after 60 s, with or without beats, with one line at info", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token, { autoPong: false })
      for (let passed = 0; passed < 58; passed += 2) {
        yield* TestClock.adjust("2 seconds")
        yield* socket.beat(codex.id)
        assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      }
      assert.strictEqual((yield* socket.pings).length, 1 + 1)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* socket.closed, 4000)
      const lines = yield* muster.requestLines("/api/daemon/ws", 1)
      assert.deepStrictEqual(lines.map(({ level }) => level), ["Info"])
    }))

  it.effect("F-07 a pong is not a beat: a runtime that does not beat goes offline while its socket is open", () =>
    Effect.gen(function*() {
      const { ana, codex, me, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      for (let passed = 0; passed < 300; passed += 2) {
        yield* TestClock.adjust("2 seconds")
        yield* socket.caughtUp
      }
      const runtimes = (yield* me.get("/api/runtimes")).json
      assert.deepStrictEqual(runtimes.map((one: any) => one.status), ["offline"])
    }))

  it.effect("F-07 each socket is pinged once in 54 s, at a time of its own", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const open = openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const first = yield* open
      yield* TestClock.adjust("10 seconds")
      const second = yield* open
      yield* Effect.all([first.pinged, second.pinged])
      const counts: Array<ReadonlyArray<number>> = []
      for (let passed = 10; passed < 120; passed++) {
        yield* TestClock.adjust("1 second")
        yield* Effect.all([first.caughtUp, second.caughtUp])
        const [a, b] = [yield* first.pings, yield* second.pings]
        if (a.length + b.length > 0) counts.push([passed + 1, a.length, b.length])
      }
      assert.deepStrictEqual(counts, [[54, 1, 0], [64, 0, 1], [108, 1, 0], [118, 0, 1]])
    }))
})
