import { assert, describe, it } from "@effect/vitest"
import { Store } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, dead, Outage, type Stores } from "../support/Stores.ts"

const readOnly = (operation: string, backend = "database") =>
  Effect.fail(
    new Store.StoreUnavailable({
      operation,
      backend,
      reason: "the database accepts no writes",
      cause: new Error("cannot execute INSERT in a read-only transaction at 10.0.0.7")
    })
  )

const aboutStores = (lines: ReadonlyArray<{ readonly message: string; readonly level: string }>) =>
  lines.filter(({ message }) => message.startsWith("store ")).map(({ message }) => message)

describe("unavailable stores", () => {
  it.effect("F-02 a successful read does not end the condition of a failed write; a successful write does", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me, muster } = yield* startHome({
        wraps: { requests: (real) => ({ create: outage.guard("RequestStore.create", real.create) }) }
      })
      const ask = me.post(`/api/runtimes/${codex.id}/models`)
      const { id } = (yield* ask).json
      outage.down = true
      yield* ask
      assert.deepStrictEqual(aboutStores(muster.lines), [
        "store unavailable: requests: RequestStore.create: switched off"
      ])
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).status, 200)
      assert.strictEqual(aboutStores(muster.lines).length, 1)
      outage.down = false
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).status, 200)
      assert.strictEqual(aboutStores(muster.lines).length, 1)
      yield* ask
      assert.deepStrictEqual(aboutStores(muster.lines).slice(1), ["store available again: requests (after 0 s)"])
    }))

  it.effect("F-02 /readyz names a store with failing writes, with the reason, until a write succeeds or a minute has passed", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me, muster } = yield* startHome({
        wraps: {
          requests: (real) => ({
            create: (input) => outage.down ? readOnly("RequestStore.create") : real.create(input)
          })
        }
      })
      const ask = me.post(`/api/runtimes/${codex.id}/models`)
      const ready = Effect.map(muster.nobody.get("/readyz"), ({ json, status }) => ({ status, ...json }))
      outage.down = true
      yield* ask
      const failing = {
        status: "ok",
        environment: "embedded",
        checks: { db: "ok", requests: "failing" },
        reasons: { requests: "the database accepts no writes" }
      }
      assert.deepStrictEqual(yield* ready, failing)
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* ready, failing)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* ready).checks, { db: "ok" })
      yield* ask
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* ready, failing)
      outage.down = false
      yield* ask
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* ready).checks, { db: "ok" })
    }))

  it.effect("F-02 /readyz has the reason of a failed check", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome({ checks: { db: readOnly("Readiness.db"), migrations: Effect.void } })
      const { json, status } = yield* muster.nobody.get("/readyz")
      assert.strictEqual(status, 503)
      assert.deepStrictEqual(json, {
        status: "not_ready",
        environment: "embedded",
        checks: { db: "error", migrations: "ok" },
        reasons: { db: "the database accepts no writes" }
      })
    }))

  it.effect("F-02 a person's error has the cause, and neither an operation nor an address", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome({
        wraps: { requests: () => ({ create: () => readOnly("RequestStore.create") }) }
      })
      assert.deepStrictEqual((yield* me.post(`/api/runtimes/${codex.id}/models`)).json, {
        error: "failed to enqueue model list request: the database accepts no writes",
        code: "unavailable"
      })
    }))

  it.effect("F-02 stores of one backend share one line, another backend has its own, and each ends separately", () =>
    Effect.gen(function*() {
      let [database, redis] = [false, false]
      const failing = (real: AnyCall, down: () => boolean, operation: string, backend: string): AnyCall => (...args) =>
        Effect.suspend(() => down() ? readOnly(operation, backend) : real(...args))
      const { me, codex, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({ edit: failing(real.edit, () => database, "RuntimeRegistry.edit", "database") }),
          access: (real) => ({
            createToken: failing(real.createToken, () => database, "Access.createToken", "database")
          }),
          requests: (real) => ({ create: failing(real.create, () => redis, "RequestStore.create", "Redis") })
        }
      })
      const edit = me.patch(`/api/runtimes/${codex.id}`, { name: "one" })
      const token = me.post("/api/tokens", { name: "one" })
      const ask = me.post(`/api/runtimes/${codex.id}/models`)
      database = true
      yield* edit
      yield* token
      redis = true
      yield* ask
      const words = () => aboutStores(muster.lines).map((line) => line.split(": ").slice(0, 2).join(": "))
      assert.deepStrictEqual(words(), ["store unavailable: runtimes", "store unavailable: requests"])
      database = false
      yield* edit
      yield* token
      assert.deepStrictEqual(words().slice(2), ["store available again: runtimes (after 0 s)"])
      redis = false
      yield* ask
      assert.deepStrictEqual(words().slice(3), ["store available again: requests (after 0 s)"])
    }))

  it.effect("F-23 skills, catalogue and journal are counted and timed, and have conditions, like the other stores", () =>
    Effect.gen(function*() {
      const broken = (name: string): Record<string, AnyCall> => ({ [name]: () => dead(name) })
      const wraps: { readonly [K in keyof Stores]?: () => object } = {
        skills: () => broken("list"),
        catalogue: () => broken("find"),
        journal: () => broken("recent")
      }
      const { codex, me, muster } = yield* startHome({ wraps })
      yield* me.get("/api/skills")
      yield* me.get(`/api/runtimes/${codex.id}/models`)
      yield* me.get("/api/requests")
      const { text } = yield* muster.nobody.get("/metrics")
      for (const store of ["skills", "catalogue", "journal"]) {
        assert.match(text, new RegExp(`^muster_store_faults_total\\{store="${store}"\\} [1-9]`, "m"))
        assert.match(text, new RegExp(`^muster_store_seconds_count\\{store="${store}"\\} [1-9]`, "m"))
      }
      const { json } = yield* muster.nobody.get("/readyz")
      assert.deepStrictEqual(json.checks, { db: "ok", skills: "failing", catalogue: "failing", journal: "failing" })
    }))
})
