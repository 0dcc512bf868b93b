import { assert, describe, it } from "@effect/vitest"
import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { layerHttpServerApi } from "../../src/client/HttpServerApi.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { WallClock } from "../../src/clock/WallClock.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { workspaceId } from "../support/FakeServer.ts"
import { identity } from "../support/Identity.ts"
import { deafeningWay } from "../support/LittleProxy.ts"
import { WireServer } from "../support/WireServer.ts"

/** A server with a dozen idle connections to it, whose peers no longer answer. */
const withDeafConnections = <A, E>(
  test: (
    parts: {
      readonly beat: ReturnType<ServerApi["Service"]["heartbeat"]>
      /** Every runtime's, at the same time. */
      readonly beats: Effect.Effect<unknown, unknown>
      /** How often since then. */
      readonly dialed: () => number
      readonly calendar: { ahead: number }
    }
  ) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const server = yield* WireServer.make
    const way = yield* deafeningWay(server.port)
    const calendar = { ahead: 0 }
    const layer = layerHttpServerApi({ serverUrl: way.url, token: Redacted.make("mul_secret") }).pipe(Layer.provide([
      Layer.succeed(Identity, identity),
      Layer.succeed(WallClock, Effect.map(Clock.currentTimeMillis, (now) => now + calendar.ahead)),
      Conditions.layer
    ]))
    return yield* Effect.gen(function*() {
      const api = yield* ServerApi
      const rows = yield* api.register(
        workspaceId(1),
        Array.from({ length: 12 }, (_, index) => `cli${index}`).map((provider) => ({ provider, version: "1" }))
      )
      const beat = (id: Runtime.RuntimeId) => api.heartbeat(id)
      const beats = Effect.forEach(rows, ({ id }) => beat(id), { concurrency: "unbounded" })
      yield* beats
      const before = way.opened()
      assert.isAtLeast(before, 12)
      way.deafen()
      return yield* test({ beats, beat: beat(rows[0]!.id), dialed: () => way.opened() - before, calendar })
    }).pipe(Effect.provide(layer))
  })

describe("idle connections whose peer is gone", () => {
  it.effect("are closed after two failures in a row: the next calls open new ones and succeed", () =>
    withDeafConnections(({ beat, beats, dialed }) =>
      Effect.gen(function*() {
        const call = Effect.forkChild(Effect.flip(beat), { startImmediately: true })
        const [first, second] = [yield* call, yield* call]
        yield* TestClock.adjust("30 seconds")
        for (const fiber of [first, second]) {
          assert.include((yield* Fiber.join(fiber)).message, "no answer within 30 s")
        }
        assert.strictEqual(dialed(), 0)
        yield* beats
        assert.isAtLeast(dialed(), 12)
      })
    ))

  it.effect("are closed at once after sleep", () =>
    withDeafConnections(({ beats, calendar, dialed }) =>
      Effect.gen(function*() {
        calendar.ahead = 3_600_000
        yield* TestClock.adjust("5 seconds")
        yield* beats
        assert.isAtLeast(dialed(), 12)
      })
    ))
})
