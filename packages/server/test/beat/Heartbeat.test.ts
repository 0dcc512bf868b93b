import { assert, describe, it } from "@effect/vitest"
import { Kinds, Wake } from "@muster/domain"
import { Deferred, Effect, Fiber, Queue } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, goneOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"
import { dead, Outage } from "../support/Stores.ts"

const beatPath = "/api/daemon/heartbeat"

describe("beats", () => {
  it.effect("H-01 an unknown runtime: 404 `runtime not found` over HTTP, a gone ack over the socket, which stays open", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, home, me, muster } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${claude.id}`, ana.token)
      assert.strictEqual((yield* me.delete(`/api/runtimes/${codex.id}`)).status, 200)
      assert.deepStrictEqual(yield* socket.next, goneOf(codex.id))

      const http = yield* daemon.post(beatPath, { runtime_id: codex.id })
      yield* socket.beat(codex.id)
      yield* socket.beat(claude.id)

      assert.strictEqual(http.status, 404)
      assert.deepStrictEqual(http.json, { error: "runtime not found", code: "runtime_not_found" })
      assert.deepStrictEqual(yield* socket.next, goneOf(codex.id))
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
    }))

  it.effect("H-02 a registry fault: 500 over HTTP, no ack over the socket; never 404, never gone", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const missed = yield* Deferred.make<void>()
      const { ana, codex, daemon, home, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({
            find: outage.guard("find", real.find, Deferred.succeed(missed, undefined)),
            rows: outage.guard("rows", real.rows)
          })
        }
      })
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${claude.id}`, ana.token)
      outage.down = true
      // The rows cached at the upgrade have expired by then.
      yield* TestClock.adjust("20 seconds")

      yield* socket.beat(codex.id)
      yield* Deferred.await(missed)
      const http = yield* daemon.post(beatPath, { runtime_id: codex.id })
      outage.down = false
      yield* socket.beat(claude.id)

      assert.strictEqual(http.status, 500)
      assert.deepStrictEqual(http.json, { error: "failed to load runtime", code: "unavailable" })
      assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
    }))

  it.effect("H-02 a beat that can be recorded nowhere is 500 `heartbeat failed`, and claims nothing", () =>
    Effect.gen(function*() {
      const { codex, daemon, muster, waitingRequest } = yield* startHome({
        wraps: { liveness: () => ({ beat: () => dead("Liveness.beat") }) }
      })
      yield* waitingRequest(codex.id)
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.strictEqual(answer.status, 500)
      assert.deepStrictEqual(answer.json, { error: "heartbeat failed", code: "unavailable" })
      assert.deepStrictEqual(yield* muster.requests.waiting(codex.id), ["model_list"])
    }))

  it.effect("H-04 a probe that hangs: the beat answers after 1 s without that kind, flagged, nothing claimed", () =>
    Effect.gen(function*() {
      const looked = yield* Deferred.make<void>()
      const claims: Array<string> = []
      const { codex, daemon, muster } = yield* startHome({
        wraps: {
          requests: (real) => ({
            waiting: () => Effect.andThen(Deferred.succeed(looked, undefined), Effect.never),
            claim: (id, wanted) => {
              claims.push(id)
              return real.claim(id, wanted)
            }
          })
        }
      })
      const beat = yield* Effect.forkScoped(daemon.post(beatPath, { runtime_id: codex.id }))
      yield* Deferred.await(looked)
      yield* TestClock.adjust("1 second")
      const answer = yield* Fiber.join(beat)

      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.json, { status: "ok" })
      assert.deepStrictEqual(claims, [])
      assert.deepStrictEqual(muster.lines.filter(({ message }) => message !== "request"), [{
        level: "Warn",
        message: "slow beat: the probe for work timed out",
        annotations: {
          runtime_id: codex.id,
          by: "http",
          outcome: "ok",
          total_ms: 1_000,
          lookup_ms: 0,
          access_ms: 0,
          liveness_ms: 0,
          probe_ms: 1_000,
          claim_ms: {},
          claimed: 0,
          probe_timed_out: true
        }
      }])
      const { text } = yield* muster.nobody.get("/metrics")
      assert.include(text, "muster_probes_total{outcome=\"timed_out\"} 1\n")
    }))

  it.effect("H-05 a probe that finds nothing causes no claim", () =>
    Effect.gen(function*() {
      const claims: Array<string> = []
      const { codex, daemon, waitingRequest } = yield* startHome({
        wraps: {
          requests: (real) => ({
            claim: (id, wanted) => {
              claims.push(id)
              return real.claim(id, wanted)
            }
          })
        }
      })
      const idle = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual(idle.json, { status: "ok" })
      assert.deepStrictEqual(claims, [])
      const { id } = yield* waitingRequest(codex.id)
      const busy = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual(busy.json, { status: "ok", pending_model_list: { id } })
      assert.deepStrictEqual(claims, [codex.id])
    }))

  it.effect.each(["waiting", "claim"] as const)(
    "H-05 `%s` fails: an ack without the item, and a warning",
    (operation) =>
      Effect.gen(function*() {
        const { codex, daemon, muster, waitingRequest } = yield* startHome({
          wraps: { requests: () => ({ [operation]: () => dead(`RequestStore.${operation}`) }) }
        })
        yield* waitingRequest(codex.id)
        const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
        assert.strictEqual(answer.status, 200)
        assert.deepStrictEqual(answer.json, { status: "ok" })
        const warnings = muster.lines.filter(({ level }) => level === "Warn").map(({ message }) => message)
        assert.deepStrictEqual(warnings, [
          `store unavailable: requests: RequestStore.${operation}: switched off`
        ])
      })
  )

  it.effect("H-05 a probe with a defect is logged as a defect, not as a timeout", () =>
    Effect.gen(function*() {
      const { codex, daemon, muster } = yield* startHome({
        wraps: { requests: () => ({ waiting: () => Effect.die(new Error("boom")) }) }
      })
      const answer = yield* daemon.post(beatPath, { runtime_id: codex.id })
      assert.deepStrictEqual(answer.json, { status: "ok" })
      const told = muster.lines.filter(({ message }) => message !== "request")
      assert.deepStrictEqual(told.map(({ level }) => level), ["Error"])
      assert.match(told[0]!.message, /^the probe for work failed with a defect: Error: boom/)
      assert.include((yield* muster.nobody.get("/metrics")).text, "muster_probes_total{outcome=\"failed\"} 1\n")
    }))

  it.effect("H-06 an HTTP beat, a socket beat and a wake return the same items in the same state", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, home, muster, waitingRequest } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const gemini = yield* muster.runtime(home, { provider: "gemini" })
      const requests = yield* Effect.forEach([codex, claude, gemini], ({ id }) => waitingRequest(id))
      const socket = yield* openSocket(muster.url, `?runtime_ids=${claude.id},${gemini.id}`, ana.token)

      const overHttp = yield* daemon.post(beatPath, { runtime_id: codex.id })
      yield* socket.beat(claude.id)
      const overSocket = yield* socket.next
      yield* muster.wake.publish(Wake.topic.runtime(gemini.id))
      const unasked = yield* socket.next

      assert.deepStrictEqual(overHttp.json, { status: "ok", pending_model_list: { id: requests[0]!.id } })
      assert.deepStrictEqual(overSocket, ackOf(claude.id, { pending_model_list: { id: requests[1]!.id } }))
      assert.deepStrictEqual(unasked, ackOf(gemini.id, { pending_model_list: { id: requests[2]!.id } }))
    }))

  it.effect("H-11 each part of a slow beat has its time, including the probe and the claim of each kind", () =>
    Effect.gen(function*() {
      const entered = yield* Queue.unbounded<number>()
      const taking = <A, E>(ms: number, call: Effect.Effect<A, E>) =>
        Effect.andThen(Queue.offer(entered, ms), Effect.andThen(Effect.sleep(ms), call))
      const { codex, daemon, muster, waitingRequest } = yield* startHome({
        wraps: {
          registry: (real) => ({ find: (id) => taking(100, real.find(id)) }),
          access: (real) => ({ roleOf: (user, workspace) => taking(200, real.roleOf(user, workspace)) }),
          liveness: (real) => ({ beat: (runtime) => taking(300, real.beat(runtime)) }),
          requests: (real) => ({
            waiting: (id) => taking(400, real.waiting(id)),
            // Longer than any bound of ours: a running claim is not interrupted, and ends within the store's own
            // deadline.
            claim: (id, wanted) => taking(5_000, real.claim(id, wanted))
          })
        }
      })
      yield* waitingRequest(codex.id)
      const beat = yield* Effect.forkScoped(daemon.post(beatPath, { runtime_id: codex.id }))
      for (const part of [100, 200, 300, 400, 5_000]) {
        assert.strictEqual(yield* Queue.take(entered), part)
        yield* TestClock.adjust(part)
      }
      assert.strictEqual((yield* Fiber.join(beat)).json.status, "ok")
      const slow = muster.lines.filter(({ message }) => message === "slow beat: mostly claim")
      assert.deepStrictEqual(slow.map(({ annotations }) => annotations), [{
        runtime_id: codex.id,
        by: "http",
        outcome: "ok",
        total_ms: 6_000,
        lookup_ms: 100,
        access_ms: 200,
        liveness_ms: 300,
        probe_ms: 400,
        claim_ms: { model_list: 5_000 },
        claimed: 1
      }])
    }))

  it.effect("F-37 the claims of several kinds run concurrently, and each has its own time", () =>
    Effect.gen(function*() {
      const entered = yield* Queue.unbounded<string>()
      const took: Readonly<Record<string, number>> = { model_list: 700, local_skill_list: 100 }
      const { ana, codex, daemon, muster, waitingRequest } = yield* startHome({
        wraps: {
          requests: (real) => ({
            claim: (id, wanted) =>
              Effect.andThen(
                Effect.andThen(Queue.offer(entered, wanted[0]!.kind), Effect.sleep(took[wanted[0]!.kind] ?? 0)),
                wanted[0]!.kind === "local_skill_list" ? dead("RequestStore.claim") : real.claim(id, wanted)
              )
          })
        }
      })
      yield* waitingRequest(codex.id)
      const skills = { kind: Kinds.LocalSkillList, runtimeId: codex.id, payload: {}, by: ana.id }
      yield* Effect.orDie(muster.requests.create(skills))
      const beat = yield* Effect.forkScoped(daemon.post(beatPath, { runtime_id: codex.id }))
      yield* Queue.take(entered)
      yield* Queue.take(entered)
      yield* TestClock.adjust(700)
      // A failed claim of one kind does not affect the other.
      assert.hasAllKeys((yield* Fiber.join(beat)).json, ["status", "pending_model_list"])
      const slow = muster.lines.find(({ message }) => message.startsWith("slow beat"))
      assert.deepStrictEqual(slow?.annotations["claim_ms"], took)
      assert.strictEqual(slow?.annotations["total_ms"], 700)
      const { text } = yield* muster.nobody.get("/metrics")
      assert.include(text, "muster_claim_seconds_sum{kind=\"model_list\"} 0.7\n")
      assert.include(text, "muster_claim_seconds_sum{kind=\"local_skill_list\"} 0.1\n")
    }))

  it.effect("F-37 a slow beat that fails has its line and its time in the histogram too", () =>
    Effect.gen(function*() {
      const entered = yield* Queue.unbounded<void>()
      const { codex, daemon, muster } = yield* startHome({
        wraps: {
          liveness: () => ({
            beat: () =>
              Queue.offer(entered, undefined).pipe(
                Effect.andThen(Effect.sleep(800)),
                Effect.andThen(dead("Liveness.beat"))
              )
          })
        }
      })
      const beat = yield* Effect.forkScoped(daemon.post(beatPath, { runtime_id: codex.id }))
      yield* Queue.take(entered)
      yield* TestClock.adjust(800)
      assert.strictEqual((yield* Fiber.join(beat)).status, 500)
      const slow = muster.lines.find(({ message }) => message.startsWith("slow beat"))
      assert.deepStrictEqual([slow?.annotations["outcome"], slow?.annotations["liveness_ms"]], ["fault", 800])
      const { text } = yield* muster.nobody.get("/metrics")
      assert.include(text, "muster_beat_seconds_count{transport=\"http\"} 1\n")
    }))

  it.effect.each([[501, 1], [499, 0]] as const)(
    "H-11 a beat of %i ms leaves %i lines with its parts",
    ([took, lines]) =>
      Effect.gen(function*() {
        const entered = yield* Deferred.make<void>()
        const { codex, daemon, muster, waitingRequest } = yield* startHome({
          wraps: {
            liveness: (real) => ({
              beat: (runtime) =>
                Deferred.succeed(entered, undefined).pipe(
                  Effect.andThen(Effect.sleep(took)),
                  Effect.andThen(real.beat(runtime))
                )
            })
          }
        })
        yield* waitingRequest(codex.id)
        const beat = yield* Effect.forkScoped(daemon.post(beatPath, { runtime_id: codex.id }))
        yield* Deferred.await(entered)
        yield* TestClock.adjust(took)
        assert.strictEqual((yield* Fiber.join(beat)).status, 200)

        const slow = muster.lines.filter(({ message }) => message.startsWith("slow beat"))
        assert.strictEqual(slow.length, lines)
        assert.deepStrictEqual(
          slow.map(({ annotations }) => annotations).slice(0, 1),
          lines === 0 ? [] : [{
            runtime_id: codex.id,
            by: "http",
            outcome: "ok",
            total_ms: took,
            lookup_ms: 0,
            access_ms: 0,
            liveness_ms: took,
            probe_ms: 0,
            claim_ms: { model_list: 0 },
            claimed: 1
          }]
        )
      })
  )
})
