import { assert, describe, it } from "@effect/vitest"
import { Limit } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { LimitState, LimitStoreMemory } from "@muster/store-memory"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { LimitRules, Limits } from "../../src/limit/Limits.ts"
import { ServerMetrics } from "../../src/metrics/ServerMetrics.ts"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

/** The rules, with these changed. */
const rulesWith = (changed: Partial<typeof Limit.rules | Record<Limit.LimitName, object>>) =>
  ({ ...Limit.rules, ...changed }) as Readonly<Record<Limit.LimitName, Limit.Bucket & { readonly batch: number }>>

const start = (changed: Parameters<typeof rulesWith>[0], options: Parameters<typeof startHome>[0] = {}) =>
  Effect.provideService(startHome(options), LimitRules, rulesWith(changed))

const tight = { max: 3, window: 60_000, batch: 1 }

/** A replica's limits over these buckets. */
const replica = (state: LimitState, rule: object) => replicaOver(LimitStoreMemory.layerOn(state), rule)

const replicaOver = (store: Layer.Layer<Limit.LimitStore>, rule: object) =>
  Layer.build(Layer.fresh(Limits.layer)).pipe(
    Effect.map((context) => Context.get(context, Limits)),
    Effect.provide(Layer.mergeAll(
      store,
      ServerMetrics.layer,
      Conditions.layer,
      Layer.succeed(LimitRules, rulesWith({ calls: rule }))
    ))
  )

const passes = (limits: Limits["Service"], count: number) =>
  Effect.map(
    Effect.forEach(Array.from({ length: count }), () => Effect.isSuccess(limits.take("calls", "t")), {
      concurrency: "unbounded"
    }),
    (all) => all.filter((passed) => passed).length
  )

describe("the limits of people", () => {
  it.effect("A-08 sign-ins of one address are limited: 429 with Retry-After, counted, and other calls continue", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* start({ sign_ins: tight })
      const signIn = request(muster.url, "POST", "/api/session", { body: { token: `mul_${"0".repeat(40)}` } })
      const statuses = (yield* Effect.replicateEffect(signIn, 3)).map(({ status }) => status)
      assert.deepStrictEqual(statuses, [401, 401, 401])
      const refused = yield* signIn
      assert.deepStrictEqual([refused.status, refused.headers.get("retry-after"), refused.json], [429, "20", {
        error: "too many sign-ins from this address (at most 3 in a minute): try again in 20 seconds",
        code: "too_many"
      }])
      assert.strictEqual((yield* me.get("/api/me")).status, 200)
      assert.include((yield* me.get("/metrics")).text, "muster_bounds_reached_total{bound=\"sign_ins\"} 1")
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual([(yield* signIn).status, (yield* signIn).status], [401, 429])
    }))

  it.effect("A-08 wrong tokens of one address are limited; a valid token of the same address is not", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* start({ wrong_tokens: tight })
      const wrong = muster.as(`mul_${"0".repeat(40)}`)
      const answers = yield* Effect.replicateEffect(wrong.get("/api/me"), 4)
      assert.deepStrictEqual(answers.map(({ status }) => status), [401, 401, 401, 429])
      assert.strictEqual(answers[3]!.headers.get("retry-after"), "20")
      assert.strictEqual((yield* me.get("/api/me")).status, 200)
      // A missing token is not a wrong token.
      assert.strictEqual((yield* muster.nobody.get("/api/me")).status, 401)
    }))

  it.effect("A-08 the calls of one token are limited, and no other token's", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* start({ calls: tight })
      const other = muster.as((yield* muster.tokenOf(ana.id)).secret)
      const answers = yield* Effect.replicateEffect(me.get("/api/me"), 4)
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 200, 429])
      assert.strictEqual((yield* other.get("/api/me")).status, 200)
    }))

  it.effect("A-08 beats, registrations and reports are never limited, for any use of their person", () =>
    Effect.gen(function*() {
      const none = { max: 1, window: 3_600_000, batch: 1 }
      const { codex, daemon, home, me, waitingRequest } = yield* start({
        calls: none,
        wrong_tokens: none,
        sign_ins: none
      })
      const { id } = yield* waitingRequest(codex.id)
      yield* me.get("/api/me")
      assert.strictEqual((yield* me.get("/api/me")).status, 429)
      const beats = yield* Effect.replicateEffect(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }), 5)
      const report = daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, {
        status: "completed",
        models: []
      })
      const register = daemon.post("/api/daemon/register", {
        workspace_id: home,
        daemon_id: "daemon-1",
        runtimes: [{ type: "codex" }]
      })
      const answers = [
        ...beats,
        ...yield* Effect.replicateEffect(report, 3),
        ...yield* Effect.replicateEffect(register, 3)
      ]
      assert.deepStrictEqual(answers.map(({ status }) => status), answers.map(() => 200))
    }))

  it.effect("F-27 a person and a workspace have a bound of new requests each, which leaves capacity for others", () =>
    Effect.gen(function*() {
      const { codex, home, me, muster } = yield* start({
        person_requests: { ...tight, max: 2 },
        workspace_requests: { ...tight, max: 3 }
      })
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })
      const ask = (caller: typeof me) => caller.post(`/api/runtimes/${codex.id}/ping`)
      const mine = yield* Effect.replicateEffect(ask(me), 3)
      assert.deepStrictEqual(mine.map(({ status }) => status), [200, 200, 429])
      assert.include(mine[2]!.json.error, "too many requests of yours (at most 2 in a minute)")
      const others = yield* Effect.replicateEffect(ask(muster.as(bob.token, home)), 2)
      assert.deepStrictEqual(others.map(({ status }) => status), [200, 429])
      assert.include(others[1]!.json.error, "too many requests in this workspace (at most 3 in a minute)")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* ask(me)).status, 200)
    }))

  it.effect("A-08 joins of one address, and join tokens of one person, are limited", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* start({ joins: tight, join_tokens: tight })
      const join = muster.nobody.post("/api/join", { token: `mjt_${"0".repeat(40)}`, daemon_id: "box" })
      assert.deepStrictEqual((yield* Effect.replicateEffect(join, 4)).map(({ status }) => status), [401, 401, 401, 429])
      const add = me.post("/api/machines/join-tokens", {})
      const added = (yield* Effect.replicateEffect(add, 4)).map(({ status }) => status)
      assert.deepStrictEqual(added, [201, 201, 201, 429])
    }))
})

describe("limits over all replicas", () => {
  it.effect("A-08 two replicas together admit at most the limit, for any number of concurrent calls", () =>
    Effect.gen(function*() {
      const state = new LimitState()
      for (const batch of [1, 10]) {
        const rule = { max: 100, window: 60_000, batch }
        const [a, b] = [yield* replica(state, rule), yield* replica(state, rule)]
        const counts = yield* Effect.all([passes(a, 80), passes(b, 80)], { concurrency: "unbounded" })
        assert.strictEqual(counts[0]! + counts[1]!, 100)
        yield* TestClock.adjust("10 minutes")
      }
    }))

  it.effect("A-08 what was taken in advance costs the store one call per batch, and is lost after 10 s", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const real = Context.get(yield* Layer.build(LimitStoreMemory.layer), Limit.LimitStore)
      // Takes a while, like every store that is not in memory: those who call meanwhile wait for what it grants.
      const slow = Layer.succeed(Limit.LimitStore, {
        ...real,
        take: (key, bucket, wanted) => {
          asked.push(wanted)
          return Effect.andThen(Effect.yieldNow, real.take(key, bucket, wanted))
        }
      })
      const limits = yield* replicaOver(slow, { max: 100, window: 100_000, batch: 10 })
      assert.strictEqual(yield* passes(limits, 25), 25)
      assert.deepStrictEqual(asked, [10, 10, 10])
      yield* TestClock.adjust("10 seconds")
      yield* passes(limits, 1)
      assert.deepStrictEqual(asked, [10, 10, 10, 10])
    }))
})

describe("a store of limits that is down", () => {
  it.effect("A-08 lets calls pass, is called again after 2 s, and is one line and a metric", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      let asked = 0
      const { me, muster } = yield* start({ calls: tight }, {
        wraps: {
          limits: (real) => ({
            take: outage.guard("LimitStore.take", real.take, Effect.sync(() => asked++)) as typeof real.take
          })
        }
      })
      outage.down = true
      const answers = yield* Effect.replicateEffect(me.get("/api/me"), 5)
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200])
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("2 seconds")
      yield* me.get("/api/me")
      assert.strictEqual(asked, 2)
      const lines = muster.lines.filter(({ message }) => message.includes("limits"))
      assert.deepStrictEqual(lines.map(({ message }) => message.slice(0, 25)), ["store unavailable: limits"])
      assert.include((yield* me.get("/metrics")).text, "muster_store_faults_total{store=\"limits\"} 2")
      outage.down = false
      yield* TestClock.adjust("2 seconds")
      const again = yield* Effect.replicateEffect(me.get("/api/me"), 4)
      assert.deepStrictEqual(again.map(({ status }) => status), [200, 200, 200, 429])
    }))

  it.effect("A-08 a store without an answer delays a call by half a second at most, and is logged", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* start({ calls: tight }, {
        wraps: { limits: () => ({ take: (() => Effect.never) as AnyCall }) }
      })
      const call = yield* Effect.forkChild(me.get("/api/me"), { startImmediately: true })
      // The call arrives over a real socket; its wait is of the test's clock.
      while (call.pollUnsafe() === undefined) {
        yield* Effect.andThen(
          Effect.promise(() => new Promise((resolve) => setImmediate(resolve))),
          TestClock.adjust("500 millis")
        )
      }
      assert.strictEqual((yield* Fiber.join(call)).status, 200)
      const lines = muster.lines.filter(({ message }) => message.includes("limits"))
      assert.deepStrictEqual(lines.map(({ message }) => message), [
        "the store of limits does not answer within 500ms: calls pass without their limits"
      ])
    }))
})
