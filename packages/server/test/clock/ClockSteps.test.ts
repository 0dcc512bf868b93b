import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, Sweep } from "@muster/domain"
import { makeSteadyTime, steadyClock } from "@muster/kit"
import { Clock, Effect, Option } from "effect"
import { makeStores } from "../support/Stores.ts"
import { settle } from "../support/World.ts"

const hour = 3_600_000
const day = 24 * hour

/** A machine whose wall clock a test sets, and its effects, on a steady clock or not. */
const machine = Effect.gen(function*() {
  const base = yield* Clock.Clock
  const at = { wall: 1_700_000_000_000, monotonic: 0 }
  const sources = { wall: () => at.wall, monotonic: () => at.monotonic, uptime: () => at.monotonic }
  const { now } = makeSteadyTime(sources)
  return {
    passes: (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        at.wall += 1_000
        at.monotonic += 1_000
        now()
      }
    },
    isSet: (by: number) => {
      at.wall += by
    },
    on: Effect.provideService(Clock.Clock, steadyClock(base, { now }))
  }
})

describe("a wall clock that is set", () => {
  it.effect.each([-day, -hour, hour, day])(
    "F-30 by %i ms: a ping ends at its limit, and no runtime goes offline",
    (step) =>
      Effect.gen(function*() {
        const { layer, stores } = yield* makeStores({})
        const clock = yield* machine
        const world = settle(stores)
        const ana = yield* clock.on(world.person("ana"))
        const home = yield* clock.on(world.workspace("home", ana))
        const runtime = yield* clock.on(world.runtime(home.id, { owner: ana.id }))
        yield* clock.on(Effect.orDie(stores.liveness.beat(runtime)))
        const made = { kind: Kinds.Ping, runtimeId: runtime.id, payload: {}, by: ana.id }
        const { request } = yield* clock.on(Effect.orDie(stores.requests.create(made)))
        const look = clock.on(Effect.orDie(stores.requests.get(runtime.id, request.id)))
        const stateNow = Effect.map(look, (found) => Option.isSome(found) ? Request.statusOf(found.value) : "absent")

        clock.isSet(step)
        clock.passes(1_000)
        assert.strictEqual(yield* stateNow, "pending")
        assert.deepStrictEqual(yield* clock.on(Effect.provide(Effect.orDie(Sweep.sweepStale), layer)), [])
        clock.passes(Kinds.Ping.terms.pending * 1.2)
        assert.strictEqual(yield* stateNow, "timeout")
      })
  )
})
