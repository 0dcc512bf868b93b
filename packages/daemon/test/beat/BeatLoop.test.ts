import { assert, describe, it } from "@effect/vitest"
import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Acks } from "../../src/beat/Acks.ts"
import { layerBeatLoop } from "../../src/beat/BeatLoop.ts"
import { SocketLiveness } from "../../src/beat/SocketLiveness.ts"
import { BeatInterval } from "../../src/client/BeatInterval.ts"
import { ServerClock } from "../../src/client/ServerClock.ts"
import { Refused, Unreachable } from "../../src/client/ServerError.ts"
import { SleepWatch } from "../../src/clock/SleepWatch.ts"
import { WallClock } from "../../src/clock/WallClock.ts"
import { registrationOf } from "../../src/runtime/Registration.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { found, ids, listed, W1 } from "../runtime/harness.ts"
import { type Call, FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"
import { settle } from "../support/settle.ts"

const providers = Array.from({ length: 20 }, (_, index) => `cli${index}`)

/** Twenty runtimes that beat over HTTP, from time 0. */
const withBeats = <A, E>(
  test: (
    all: {
      readonly server: FakeServer
      readonly set: RuntimeSet["Service"]
      readonly liveness: SocketLiveness["Service"]
      readonly clock: ServerClock["Service"]
      /** By how many ms the calendar is ahead of the monotonic clock. */
      readonly calendar: { ahead: number }
      readonly own: ReadonlyArray<Runtime.RuntimeId>
      /** When this runtime beat, in ms. */
      readonly beatsOf: (id: Runtime.RuntimeId) => ReadonlyArray<number>
    }
  ) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    const times: Array<readonly [string, number]> = []
    server.arriving = ({ about, operation }: Call) =>
      operation === "heartbeat"
        ? Effect.map(Clock.currentTimeMillis, (now) => void times.push([about, now]))
        : Effect.void
    const acks = Layer.effect(
      Acks,
      Effect.map(RuntimeSet, (set) => ({ receive: (id, { gone }) => gone ? set.gone(id) : Effect.void }))
    )
    const calendar = { ahead: 0 }
    const layer = layerBeatLoop.pipe(
      Layer.provide(acks),
      Layer.provideMerge([RuntimeSet.layer, SocketLiveness.layer]),
      Layer.provideMerge([BeatInterval.layer, ServerClock.layer]),
      Layer.provide(SleepWatch.layer),
      Layer.provide([server.layer, Conditions.layer]),
      Layer.provide(Layer.succeed(WallClock, Effect.map(Clock.currentTimeMillis, (now) => now + calendar.ahead)))
    )
    return yield* Effect.gen(function*() {
      const set = yield* RuntimeSet
      yield* set.setClis(found(...providers))
      yield* set.setWorkspaces(listed(W1))
      const request = registrationOf(yield* set.state, W1)!
      yield* set.reply(request, yield* Effect.orDie(server.api.register(W1, request.clis)))
      yield* settle
      return yield* test({
        server,
        set,
        liveness: yield* SocketLiveness,
        clock: yield* ServerClock,
        calendar,
        own: ids(yield* set.state),
        beatsOf: (id) => times.filter(([about]) => about === id).map(([, at]) => at)
      })
    }).pipe(Effect.provide(layer))
  })

describe("HTTP beats", () => {
  it.effect("start after a random part of the interval and repeat every 15 s", () =>
    withBeats(({ beatsOf, own }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("60 seconds")
        const firsts = own.map((id) => beatsOf(id)[0]!)
        assert.isTrue(firsts.every((at) => at < 15_000))
        assert.isAbove(new Set(firsts.map((at) => Math.floor(at / 1_500))).size, 4, "spread over the interval")
        for (const id of own) {
          const [first, ...rest] = beatsOf(id)
          assert.deepStrictEqual(rest, [1, 2, 3].map((n) => first! + n * 15_000))
        }
      })
    ))

  it.effect("D-16 are not sent for a runtime while its socket ack is younger than 30 s", () =>
    withBeats(({ beatsOf, liveness, own }) =>
      Effect.gen(function*() {
        const [served, ...others] = own
        yield* liveness.acked(served!)
        yield* TestClock.adjust("29999 millis")
        assert.strictEqual(beatsOf(served!).length, 0)
        for (const id of others) assert.strictEqual(beatsOf(id).length, 2)
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(beatsOf(served!).length, 1)

        yield* liveness.acked(served!)
        yield* TestClock.adjust("10 seconds")
        yield* liveness.clear
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(beatsOf(served!).length, 2, "a disconnect ends the silence")
      })
    ))

  it.effect("D-01 gone ends the beats of that runtime only; no other failure ends beats", () =>
    withBeats(({ beatsOf, own, server, set }) =>
      Effect.gen(function*() {
        const [dead, forbidden, down, fine] = own
        server.delete(dead!)
        const count = server.arriving
        server.arriving = (call) =>
          Effect.andThen(
            count(call),
            Effect.suspend((): Effect.Effect<void, Refused | Unreachable> => {
              if (call.about === forbidden) {
                return Effect.fail(new Refused({ operation: "", status: 404, body: "not found" }))
              }
              if (call.about !== down) return Effect.void
              return Effect.fail(new Unreachable({ operation: "", reason: "", status: 500, retryAfter: null }))
            })
          )
        yield* TestClock.adjust("60 seconds")
        assert.strictEqual(beatsOf(dead!).length, 1)
        for (const id of [forbidden, down, fine]) assert.strictEqual(beatsOf(id!).length, 4)
        assert.deepStrictEqual(ids(yield* set.state), own.slice(1))
      })
    ))

  it.effect("that are refused for long are logged once, until all are accepted", () =>
    Effect.gen(function*() {
      const log = yield* logLines
      yield* withBeats(({ own, server, set }) =>
        Effect.gen(function*() {
          const refused = new Set<string>(own.slice(0, 3))
          server.arriving = ({ about, operation }) =>
            operation === "heartbeat" && refused.has(about)
              ? Effect.fail(new Refused({ operation: "heartbeat", status: 403, body: "no" }))
              : Effect.void
          yield* TestClock.adjust("44 seconds")
          assert.deepStrictEqual(log.lines, [])
          yield* TestClock.adjust("5 minutes")
          assert.strictEqual(log.lines.length, 1)
          assert.match(
            log.lines[0]!,
            /^Warn the server rejects the heartbeats of 3 runtimes: heartbeat: refused with 403 no/
          )
          refused.clear()
          refused.add(own[0]!)
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(log.lines.length, 1)
          // It is removed, so no runtime is refused.
          yield* set.gone(own[0]!)
          yield* settle
          assert.strictEqual(log.lines.length, 2)
          assert.match(log.lines[1]!, /^Info the server accepts all heartbeats again/)
        })
      ).pipe(Effect.provide(log.layer))
    }))

  it.effect("one without an answer does not delay other runtimes", () =>
    withBeats(({ beatsOf, own, server }) =>
      Effect.gen(function*() {
        const count = server.arriving
        server.arriving = (call) => Effect.andThen(count(call), call.about === own[0] ? Effect.never : Effect.void)
        yield* TestClock.adjust("60 seconds")
        assert.strictEqual(beatsOf(own[0]!).length, 1)
        for (const id of own.slice(1)) assert.strictEqual(beatsOf(id).length, 4)
      })
    ))

  it.effect("slow down to one a minute while the token is refused or the server asks for it", () =>
    withBeats(({ beatsOf, own, server }) =>
      Effect.gen(function*() {
        const count = server.arriving
        server.arriving = (call) =>
          Effect.andThen(
            count(call),
            Effect.fail(
              call.about === own[0]
                ? new Refused({ operation: "", status: 401, body: "invalid token" })
                : new Unreachable({ operation: "", reason: "", status: 429, retryAfter: 600_000 })
            )
          )
        yield* TestClock.adjust("10 minutes")
        for (const id of own) assert.strictEqual(beatsOf(id).length, 10)
      })
    ))

  it.effect("follow the interval in the server's acks, as does the time without HTTP beats; without one it is 15 s again", () =>
    withBeats(({ beatsOf, liveness, own, server }) =>
      Effect.gen(function*() {
        const [served, ...others] = own
        server.fields = { next_beat_ms: 25_000 }
        yield* TestClock.adjust("15 seconds")
        const before = others.map((id) => beatsOf(id).length)
        yield* liveness.acked(served!)
        yield* TestClock.adjust("49999 millis")
        assert.strictEqual(beatsOf(served!).length, 1, "two intervals of silence")
        assert.deepStrictEqual(others.map((id, index) => beatsOf(id).length - before[index]!), others.map(() => 2))
        yield* TestClock.adjust("25 seconds")
        assert.strictEqual(beatsOf(served!).length, 2)
        server.fields = {}
        yield* TestClock.adjust("25 seconds")
        const [, ...late] = beatsOf(others[0]!).slice(-2)
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(beatsOf(others[0]!).at(-1), late[0]! + 15_000)
      })
    ))

  it.effect("after sleep every runtime beats at once, whatever was in flight or fresh", () =>
    withBeats(({ beatsOf, calendar, clock, liveness, own, server }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(yield* clock.lastBeat(own[0]!), Option.some(beatsOf(own[0]!).at(-1)!))
        // A call of before the sleep: its connection will never answer.
        const count = server.arriving
        let hung = 0
        server.arriving = (call) =>
          Effect.andThen(count(call), call.about === own[1] && hung++ === 0 ? Effect.never : Effect.void)
        yield* TestClock.adjust("15 seconds")
        for (const id of own) yield* liveness.acked(id)
        const before = own.map((id) => beatsOf(id).length)
        calendar.ahead = 3_600_000
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(own.map((id, index) => beatsOf(id).length - before[index]!), own.map(() => 1))
        assert.deepStrictEqual(yield* clock.lastBeat(own[1]!), Option.some(3_600_000 + 40_000))
      })
    ))
})
