import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { startMuster } from "../support/Muster.ts"
import { dead, Outage } from "../support/Stores.ts"

describe("health and readiness", () => {
  it.effect.each(["/health", "/healthz"])(
    "%s is 200 while the process responds, with stores up or down",
    (path) =>
      Effect.gen(function*() {
        const { nobody } = yield* startMuster({ checks: { db: dead("db") } })
        const answer = yield* nobody.get(path)
        assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
      })
  )

  it.effect("/readyz is 200 with each check by name", () =>
    Effect.gen(function*() {
      const { nobody } = yield* startMuster({ checks: { db: Effect.void, migrations: Effect.void } })
      const answer = yield* nobody.get("/readyz")
      assert.deepStrictEqual([answer.status, answer.json], [200, {
        status: "ok",
        environment: "embedded",
        checks: { db: "ok", migrations: "ok" }
      }])
    }))

  it.effect("/readyz is 503 and names the check that fails", () =>
    Effect.gen(function*() {
      const { nobody } = yield* startMuster({ checks: { db: dead("db"), migrations: Effect.void } })
      const answer = yield* nobody.get("/readyz")
      assert.deepStrictEqual([answer.status, answer.json.status, answer.json.checks], [503, "not_ready", {
        db: "error",
        migrations: "ok"
      }])
    }))

  it.effect("F-28 /readyz is 200 for a store that may fail soon, and reports the risk with what to do", () =>
    Effect.gen(function*() {
      const risks = { redis: "Redis may evict accepted requests: set maxmemory-policy to noeviction" }
      const ready = yield* startMuster({ checks: { db: Effect.void, redis: Effect.void }, risks })
      const { json, status } = yield* ready.nobody.get("/readyz")
      assert.deepStrictEqual([status, json], [200, {
        status: "ok",
        environment: "embedded",
        checks: { db: "ok", redis: "at_risk" },
        reasons: risks
      }])
      // A failed check is worse than a risk.
      const broken = yield* startMuster({ checks: { redis: dead("redis") }, risks })
      assert.deepStrictEqual((yield* broken.nobody.get("/readyz")).json.checks, { redis: "error" })
    }))

  it.effect("/readyz: a check that hangs, and is slow to interrupt, fails after 2 s", () =>
    Effect.gen(function*() {
      const entered = yield* Deferred.make<void>()
      const hang = Effect.andThen(Deferred.succeed(entered, undefined), Effect.never)
      const { nobody } = yield* startMuster({
        checks: { db: Effect.onInterrupt(hang, () => Effect.sleep("5 seconds")) }
      })
      const answer = yield* Effect.forkScoped(nobody.get("/readyz"))
      yield* Deferred.await(entered)
      yield* TestClock.adjust("2 seconds")
      const { json, status } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, json.checks], [503, { db: "error" }])
      yield* TestClock.adjust("5 seconds")
    }))

  it.effect("/readyz: a check with a defect is a failed check, not a 500", () =>
    Effect.gen(function*() {
      const { nobody } = yield* startMuster({ checks: { db: Effect.die(new Error("bug")) } })
      const { json, status } = yield* nobody.get("/readyz")
      assert.deepStrictEqual([status, json.checks], [503, { db: "error" }])
    }))

  it.effect("/readyz: many concurrent probes cost one check a second", () =>
    Effect.gen(function*() {
      let looks = 0
      const outage = new Outage()
      const look = outage.guard("db", () => Effect.sync(() => void looks++))
      const { nobody } = yield* startMuster({ checks: { db: Effect.suspend(look) } })
      yield* Effect.all(Array.from({ length: 20 }, () => nobody.get("/readyz")), { concurrency: 20 })
      assert.strictEqual(looks, 1)
      outage.down = true
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* nobody.get("/readyz")).status, 503)
    }))

  it.effect("/readyz: a probe that disconnects does not affect the others", () =>
    Effect.gen(function*() {
      const entered = yield* Deferred.make<void>()
      const up = yield* Deferred.make<void>()
      const { nobody } = yield* startMuster({
        checks: { db: Effect.andThen(Deferred.succeed(entered, undefined), Deferred.await(up)) }
      })
      const first = yield* Effect.forkScoped(nobody.get("/readyz"))
      yield* Deferred.await(entered)
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(up, undefined)
      const { json, status } = yield* nobody.get("/readyz")
      assert.deepStrictEqual([status, json.status], [200, "ok"])
    }))

  it.effect("/readyz reports `stopping` as soon as the drain begins; /healthz is still 200", () =>
    Effect.gen(function*() {
      const { draining, nobody } = yield* startMuster()
      yield* draining.begin
      const { json, status } = yield* nobody.get("/readyz")
      assert.deepStrictEqual([status, json.status, json.checks], [503, "stopping", { db: "ok" }])
      assert.strictEqual((yield* nobody.get("/healthz")).status, 200)
    }))
})
