import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { W1 } from "../runtime/harness.ts"
import { settle } from "../support/settle.ts"

import { withSocket } from "./withSocket.ts"

describe("the socket", () => {
  it.effect("D-16 has the sorted ids, beats at once on connect, then each 15 s", () =>
    withSocket(({ dial, have, socket }) =>
      Effect.gen(function*() {
        const own = yield* have("codex", "claude")
        const connection = yield* dial.opened
        yield* settle
        assert.deepStrictEqual(connection.ids, own.toSorted())
        assert.isTrue(yield* socket.isConnected)
        const beats = own.toSorted().map(DaemonSocket.heartbeatFrame)
        assert.deepStrictEqual(connection.sent, beats)
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(connection.sent.length, 2)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(connection.sent, [...beats, ...beats])
      })
    ))

  it.effect("D-10 a normal ack makes its runtime fresh for 30 s; runtime_gone and malformed frames do not", () =>
    withSocket(({ dial, liveness, have, received }) =>
      Effect.gen(function*() {
        const [first, second] = yield* have("codex", "claude")
        const connection = yield* dial.opened
        const junk = [
          "",
          "{",
          "null",
          "[]",
          "\"text\"",
          "{}",
          JSON.stringify({ type: "daemon:heartbeat_ack" }),
          JSON.stringify({ type: "daemon:heartbeat_ack", payload: null }),
          JSON.stringify({ type: "daemon:heartbeat_ack", payload: {} }),
          JSON.stringify({ type: "daemon:heartbeat_ack", payload: { runtime_id: first } }),
          JSON.stringify({ type: "daemon:heartbeat_ack", payload: { runtime_id: first, status: "error" } }),
          JSON.stringify({ type: "daemon:dance", payload: { runtime_id: first, status: "ok" } }),
          JSON.stringify({ type: "daemon:task_available", payload: { runtime_id: first } }),
          new TextEncoder().encode(DaemonSocket.ackFrame(first!, {})),
          DaemonSocket.ackFrame("cccccccc-0000-4000-8000-000000000001", {})
        ]
        for (const frame of junk) connection.say(frame)
        connection.say(DaemonSocket.goneFrame(first!))
        yield* settle
        assert.isFalse(yield* liveness.isLive(first!))
        assert.deepStrictEqual(received.map(([id, { gone }]) => [id, gone]), [[first, true]])

        connection.say(JSON.stringify({ ...JSON.parse(DaemonSocket.ackFrame(second!, {})), event_id: "e1" }))
        yield* settle
        assert.isTrue(yield* liveness.isLive(second!))
        assert.isFalse(yield* liveness.isLive(first!))
        yield* TestClock.adjust("29 seconds")
        assert.isTrue(yield* liveness.isLive(second!))
        yield* TestClock.adjust("1 second")
        assert.isFalse(yield* liveness.isLive(second!))
      })
    ))

  it.effect("D-10 F-39 a fresh runtime that is gone is no longer fresh; other runtimes stay fresh", () =>
    withSocket(({ dial, liveness, have, received }) =>
      Effect.gen(function*() {
        const [first, second] = yield* have("codex", "claude")
        const connection = yield* dial.opened
        for (const id of [first!, second!]) connection.say(DaemonSocket.ackFrame(id, {}))
        yield* settle
        assert.isTrue(yield* liveness.isLive(first!))
        connection.say(DaemonSocket.goneFrame(first!))
        yield* settle
        assert.deepStrictEqual(received.map(([id, { gone }]) => [id, gone]), [[first, false], [second, false], [
          first,
          true
        ]])
        assert.isFalse(yield* liveness.isLive(first!))
        assert.isTrue(yield* liveness.isLive(second!))
      })
    ))

  it.effect("D-16 after its end no runtime is fresh", () =>
    withSocket(({ dial, liveness, have, socket }) =>
      Effect.gen(function*() {
        const [id] = yield* have("codex")
        const connection = yield* dial.opened
        connection.say(DaemonSocket.ackFrame(id!, {}))
        yield* settle
        assert.isTrue(yield* liveness.isLive(id!))
        connection.drop()
        yield* settle
        assert.isFalse(yield* liveness.isLive(id!))
        assert.isFalse(yield* socket.isConnected)
      })
    ))

  it.effect("D-16 one that receives nothing is closed after 60 s; a ping keeps it open", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        yield* have("codex")
        const connection = yield* dial.opened
        yield* settle
        for (let i = 0; i < 10; i++) {
          yield* TestClock.adjust("54 seconds")
          connection.ping()
          yield* settle
        }
        assert.isTrue(connection.open)
        yield* TestClock.adjust("59 seconds")
        assert.isTrue(connection.open)
        yield* TestClock.adjust("1 second")
        yield* settle
        assert.isFalse(connection.open)
      })
    ))

  it.effect("D-16 a changed set reconnects at once, from the first pause on; no runtimes, no socket", () =>
    withSocket(({ dial, have, set }) =>
      Effect.gen(function*() {
        yield* have("codex")
        const first = yield* dial.opened
        const both = yield* have("codex", "claude")
        // No time passes.
        const second = yield* dial.opened
        assert.isFalse(first.open)
        assert.deepStrictEqual(second.ids, both.toSorted())

        // The same runtimes under another name: nothing changes for the socket.
        yield* set.setWorkspaces([{ id: W1, name: "renamed" }])
        yield* settle
        assert.isTrue(second.open)

        for (const id of both) yield* set.gone(id)
        yield* settle
        assert.isTrue(dial.connections.every(({ open }) => !open))
        yield* TestClock.adjust("10 minutes")
        yield* settle
        assert.strictEqual(dial.times.length, dial.connections.length)

        // In the middle of a long pause.
        dial.refuse = 0
        yield* have("codex")
        yield* TestClock.adjust("5 minutes")
        dial.refuse = undefined
        yield* have("codex", "claude")
        yield* dial.opened
      })
    ))

  it.effect("D-16 the pauses grow with each failure up to 30 s, with full jitter", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        dial.refuse = 0
        yield* have("codex")
        yield* settle
        yield* TestClock.adjust("2 hours")
        const gaps = dial.times.slice(1).map((at, index) => at - dial.times[index]!)
        for (const [index, gap] of gaps.entries()) assert.isAtMost(gap, Math.min(1_000 * 2 ** index, 30_000))
        const late = gaps.slice(6)
        const mean = late.reduce((a, b) => a + b, 0) / late.length
        assert.isAbove(late.length, 400)
        assert.isTrue(mean > 13_000 && mean < 17_000, `the mean of uniform pauses of 0 to 30 s, not ${mean}`)
        assert.isTrue(late.some((gap) => gap < 3_000) && late.some((gap) => gap > 27_000))
      })
    ))

  it.effect("D-16 10 s of health restart the pauses, less time does not", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        /** Returns the longest, in half seconds, of many pauses after connections of this length. */
        const longestAfter = Effect.fnUntraced(function*(seconds: number) {
          let longest = 0
          for (let i = 0; i < 40; i++) {
            const connection = yield* dial.opened
            yield* settle
            yield* TestClock.adjust(`${seconds} seconds`)
            connection.drop()
            yield* settle
            let halves = 0
            const before = dial.times.length
            for (; dial.times.length === before; halves++) yield* TestClock.adjust("500 millis")
            longest = Math.max(longest, halves)
          }
          return longest
        })
        yield* have("codex")
        assert.isAbove(yield* longestAfter(9), 40)
        assert.isAtMost(yield* longestAfter(10), 2)
      })
    ))

  it.effect("a refused token is retried slowly", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        dial.refuse = 401
        yield* have("codex")
        yield* settle
        yield* TestClock.adjust("10 minutes")
        assert.strictEqual(dial.times.length, 11)
      })
    ))

  it.effect("one that fails is no longer a problem when there are no runtimes", () =>
    withSocket(({ conditions, dial, have, set }) =>
      Effect.gen(function*() {
        dial.refuse = 502
        const [only] = yield* have("codex")
        yield* TestClock.adjust("2 minutes")
        assert.match((yield* conditions.worst) ?? "", /^WebSocket connection failed, using HTTP heartbeats: /)
        yield* set.gone(only!)
        yield* settle
        assert.isNull(yield* conditions.worst)
      })
    ))

  it.effect("D-16 carries at most 300 runtimes; the others never become fresh, so they beat over HTTP", () =>
    withSocket(({ dial, liveness, have }) =>
      Effect.gen(function*() {
        const own = yield* have(...Array.from({ length: 301 }, (_, index) => `cli${index}`))
        const connection = yield* dial.opened
        yield* settle
        assert.deepStrictEqual(connection.ids, own.toSorted().slice(0, 300))
        assert.strictEqual(connection.sent.length, 300)
        for (const id of own) connection.say(DaemonSocket.ackFrame(id, {}))
        yield* settle
        const fresh = yield* Effect.filter(own, (id) => liveness.isLive(id))
        assert.sameMembers(fresh, [...connection.ids])
      })
    ))

  it.effect("beats at the interval in the last ack, within bounds; an ack without one means 15 s", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        const [id] = yield* have("codex")
        const connection = yield* dial.opened
        /** The seconds until the next beat, told this with the last one. */
        const gap = Effect.fnUntraced(function*(told: object) {
          connection.say(DaemonSocket.ackFrame(id!, {}, told as never))
          yield* settle
          const before = connection.sent.length
          let seconds = 0
          for (; connection.sent.length === before; seconds++) yield* TestClock.adjust("1 second")
          return seconds
        })
        yield* gap({ next_beat_ms: 22_000 })
        assert.strictEqual(yield* gap({ next_beat_ms: 1 }), 22, "what was told during an interval is for the next one")
        assert.strictEqual(yield* gap({ next_beat_ms: 86_400_000 }), 5)
        assert.strictEqual(yield* gap({ next_beat_ms: "soon" }), 45)
        assert.strictEqual(yield* gap({}), 15)
        assert.strictEqual(yield* gap({}), 15)
      })
    ))

  it.effect("D-16 the server's last window spreads the first dial; a narrower one counts after 10 s of health", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        const [id] = yield* have("codex")
        /**
         * The longest, in seconds, of many first pauses after connections that told these windows after so many seconds
         * (left out: an ack without one; null: no ack).
         */
        const longest = Effect.fnUntraced(
          function*(...told: ReadonlyArray<readonly [seconds: number, window?: number | null]>) {
            let max = 0
            for (let i = 0; i < 20; i++) {
              const connection = yield* dial.opened
              for (const [seconds, window] of told) {
                yield* settle
                yield* TestClock.adjust(seconds * 1_000)
                if (window === null) continue
                connection.say(
                  DaemonSocket.ackFrame(id!, {}, window === undefined ? {} : { reconnect_window_ms: window })
                )
              }
              yield* settle
              connection.drop()
              yield* settle
              let seconds = 0
              const before = dial.times.length
              for (; dial.times.length === before; seconds++) yield* TestClock.adjust("1 second")
              max = Math.max(max, seconds)
            }
            return max
          }
        )
        const wide = yield* longest([11, 40_000])
        assert.isTrue(wide > 20 && wide <= 40, `${wide}`)
        const kept = yield* longest([0, 40_000], [9], [2, null])
        assert.isTrue(kept > 20, `a server that was just restarted is not believed yet: ${kept}`)
        assert.isAtMost(yield* longest([0, 40_000], [10]), 1)
      })
    ))

  it.effect("after sleep it reconnects at once; a small correction of the wall clock has no effect", () =>
    withSocket(({ calendar, dial, liveness, have }) =>
      Effect.gen(function*() {
        const [id] = yield* have("codex")
        const first = yield* dial.opened
        first.say(DaemonSocket.ackFrame(id!, {}))
        calendar.ahead = 4_000
        yield* TestClock.adjust("5 seconds")
        yield* settle
        assert.isTrue(first.open)
        calendar.ahead += 60_000
        dial.refuse = 0
        yield* TestClock.adjust("5 seconds")
        yield* settle
        assert.isFalse(first.open)
        assert.isFalse(yield* liveness.isLive(id!))
        assert.strictEqual(dial.times.at(-1), 10_000)

        // In the middle of a long pause: no wait either.
        yield* TestClock.adjust("10 minutes")
        dial.refuse = undefined
        calendar.ahead = 0
        const tried = dial.times.length
        yield* TestClock.adjust("5 seconds")
        yield* dial.opened
        assert.isTrue(dial.times.slice(tried).includes(615_000))
      })
    ))

  it.effect("each ack to a beat is a reading of the server's clock", () =>
    withSocket(({ clock, dial, have }) =>
      Effect.gen(function*() {
        const [id] = yield* have("codex")
        const connection = yield* dial.opened
        yield* settle
        assert.deepStrictEqual(yield* clock.lastBeat(id!), Option.none())
        yield* TestClock.adjust("200 millis")
        connection.say(DaemonSocket.ackFrame(id!, {}, { server_time_ms: 5_100 }))
        yield* settle
        assert.deepStrictEqual(yield* clock.skew, Option.some(-5_000))
        assert.deepStrictEqual(yield* clock.lastBeat(id!), Option.some(200))
        // Not requested: no beat was sent for it.
        connection.say(DaemonSocket.ackFrame(id!, {}, { server_time_ms: 999_999 }))
        yield* settle
        assert.deepStrictEqual(yield* clock.skew, Option.some(-5_000))
      })
    ))
})
