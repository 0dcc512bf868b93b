import { assert, describe, it } from "@effect/vitest"
import { Census, Store } from "@muster/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ServerMetrics } from "../../src/metrics/ServerMetrics.ts"
import { addFleetGauges } from "../../src/scrape/FleetGauges.ts"

const counts: Census.Counts = {
  runtimes: [{ provider: "codex", status: "online", count: 7 }],
  daemons: { online: 3, offline: 1 },
  oldestPending: 1_000,
  tasks: { queued: 2, active: 1, oldestQueued: null }
}

type Take = Effect.Effect<Census.Counts | undefined, Store.StoreUnavailable>

/** A scrape of the gauges over this census: returns the value of a series. */
const gauges = (take: Take) =>
  Effect.gen(function*() {
    const { meter } = yield* ServerMetrics
    const refresh = yield* addFleetGauges
    return Effect.map(Effect.andThen(refresh, meter.text), (text) => (series: string) =>
      text.split("\n").find((line) =>
        line.startsWith(`${series} `)
      )?.slice(series.length + 1))
  }).pipe(Effect.provideService(Census.Census, take), Effect.provide(ServerMetrics.layer))

const online = "muster_runtimes{provider=\"codex\",status=\"online\"}"
const age = "muster_census_age_seconds"

describe("gauges of the fleet", () => {
  it.effect("P-06 any number of scrapes within 10 s cost one call to the store", () =>
    Effect.gen(function*() {
      let calls = 0
      const scrape = yield* gauges(Effect.sync(() => {
        calls++
        return counts
      }))
      yield* TestClock.setTime(6_000)
      const seen = yield* Effect.all(Array.from({ length: 50 }, () => scrape), { concurrency: "unbounded" })
      assert.strictEqual(calls, 1)
      assert.deepStrictEqual(
        [
          online,
          "muster_runtimes{provider=\"codex\",status=\"offline\"}",
          "muster_daemons{status=\"offline\"}",
          "muster_request_oldest_pending_seconds",
          "muster_tasks_queued",
          "muster_tasks_active",
          "muster_task_oldest_queued_seconds",
          age
        ].map((series) => seen[0]!(series)),
        ["7", "0", "1", "5", "2", "1", "0", "0"]
      )
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* scrape)("muster_request_oldest_pending_seconds"), "14")
      assert.strictEqual(calls, 1)
      yield* TestClock.adjust("2 seconds")
      yield* scrape
      assert.strictEqual(calls, 2)
    }))

  it.effect("P-06 a store that hangs or fails delays a scrape by 2 s, and leaves no old number", () =>
    Effect.gen(function*() {
      let take: Take = Effect.succeed(counts)
      const scrape = yield* gauges(Effect.suspend(() => take))
      assert.strictEqual((yield* scrape)(online), "7")
      take = Effect.never
      yield* TestClock.adjust("11 seconds")
      const waiting = yield* Effect.forkChild(scrape)
      yield* TestClock.adjust("2 seconds")
      const late = yield* Fiber.join(waiting)
      assert.deepStrictEqual([late(online), late(age)], ["NaN", "13"])
      take = Effect.fail(new Store.StoreUnavailable({ operation: "Census", cause: new Error("switched off") }))
      yield* TestClock.adjust("11 seconds")
      const failed = yield* scrape
      assert.deepStrictEqual([failed(online), failed(age)], ["NaN", "24"])
      take = Effect.succeed(counts)
      yield* TestClock.adjust("11 seconds")
      const back = yield* scrape
      assert.deepStrictEqual([back(online), back(age)], ["7", "0"])
    }))

  it.effect("P-06 stores that do not count have no numbers, and no age that an alert could take for a fault", () =>
    Effect.gen(function*() {
      const scrape = yield* gauges(Effect.undefined)
      yield* TestClock.adjust("1 hour")
      const seen = yield* scrape
      assert.deepStrictEqual([seen(online), seen(age)], ["NaN", "NaN"])
    }))
})
