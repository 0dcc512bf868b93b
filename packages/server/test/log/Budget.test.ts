import { assert, describe, it } from "@effect/vitest"
import { Identity, type Runtime, Scope } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { refusedSocket } from "../support/DaemonSocket.ts"
import type { Line, Muster } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"
import type { Person } from "../support/World.ts"

const beatPath = "/api/daemon/heartbeat"
const tokenId = Identity.TokenId.make("11111111-2222-4333-8444-555555555555")
const tick = 15_000
const hour = 3_600_000

/** An hour of 100 runtimes is 24,000 beats to compute, on a machine that may be busy. */
const timeout = 60_000

const print = (figure: string) => void process.stdout.write(`invariant 10, server, ${figure}\n`)

/** The log of the default level, without the requests that succeeded. */
const told = (lines: ReadonlyArray<Line>) =>
  lines.filter(({ annotations, level, message }) =>
    level !== "Debug" && !(message === "request" && Number(annotations["status"]) < 400)
  )

const countIn = ({ annotations, message }: Line) =>
  Number(annotations["times"] ?? /\((\d+) times/.exec(message)?.[1] ?? /, (\d+) times since/.exec(message)?.[1] ?? 1)

/**
 * An hour but its last ms: `each` at its start and then every 15 s. Returns its lines, and prints how many there were.
 */
const anHour = Effect.fnUntraced(
  function*(name: string, muster: Muster, each: (now: number) => Effect.Effect<unknown>) {
    muster.lines.length = 0
    for (let now = 0; now < hour; now += tick) {
      yield* each(now)
      yield* TestClock.adjust(now + tick < hour ? tick : tick - 1)
    }
    const lines = told(muster.lines)
    print(`${name}: ${lines.length} lines in an hour`)
    return lines
  }
)

const withinBudget = (lines: ReadonlyArray<Line>) => assert.isAtMost(lines.length, 8, JSON.stringify(lines, null, 1))

describe("the log budget of the server", () => {
  it.effect("invariant 10 a deleted runtime whose daemon continues to beat, over HTTP and by sockets, for an hour", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* startHome()
      yield* me.delete(`/api/runtimes/${codex.id}`)
      const lines = yield* anHour("a deleted runtime", muster, (now) =>
        Effect.andThen(
          daemon.post(beatPath, { runtime_id: codex.id }),
          now % 60_000 === 0 ? refusedSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token) : Effect.void
        ))
      withinBudget(lines)
      assert.deepStrictEqual([...new Set(lines.map(({ annotations, level }) => `${level} ${annotations["status"]}`))], [
        "Info 404"
      ])
      // Only the repetition is lost: 240 beats and 60 sockets, less those since the last line.
      const counted = lines.reduce((sum, line) => sum + countIn(line), 0)
      assert.isAtLeast(counted, 300 - 50)
      yield* TestClock.adjust("12 minutes")
      const all = told(muster.lines)
      assert.strictEqual(all.reduce((sum, line) => sum + countIn(line), 0), 300)
      assert.strictEqual(all.at(-1)!.message, "requests like this have stopped failing")
    }))

  it.effect("invariant 10 a revoked token whose daemon continues to try, on every route, for an hour", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const { id, secret } = yield* muster.tokenOf(ana.id)
      const daemon = muster.as(secret)
      assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 200)
      yield* Effect.orDie(muster.access.revokeToken(ana.id, id))
      yield* TestClock.adjust("10 seconds")
      const lines = yield* anHour("a revoked token", muster, (now) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 401)
          if (now % 60_000 !== 0) return
          yield* daemon.get("/api/workspaces")
          yield* refusedSocket(muster.url, `?runtime_ids=${codex.id}`, secret)
        }))
      withinBudget(lines)
      assert.deepStrictEqual([lines[0]!.level, lines[0]!.annotations["status"]], ["Warn", 401])
      // Another caller's wrong token is another condition, and is logged immediately.
      yield* muster.as("mul_wrong").get("/api/workspaces")
      assert.strictEqual(told(muster.lines).length, lines.length + 1)
      assert.notInclude(JSON.stringify(muster.lines), secret)
    }))

  const credential = {
    _tag: "User",
    tokenId,
    purpose: "api",
    prefix: "mul_00000000",
    scopes: Scope.all,
    expiresAt: null,
    origin: null
  } as const

  const beatsOf = (muster: Muster, ana: Person, ids: ReadonlyArray<Runtime.RuntimeId>) =>
    muster.logged(Effect.forEach(
      ids,
      (id) => Effect.exit(muster.heartbeat.beat({ ...credential, userId: ana.id }, id, false)),
      { concurrency: "unbounded", discard: true }
    ))

  const manyRuntimes = (muster: Muster, home: Identity.WorkspaceId, owner: Identity.UserId) =>
    Effect.forEach(
      Array.from({ length: 100 }, (_, n) => n),
      (n) => Effect.map(muster.runtime(home, { daemon: `d${n}`, owner }), ({ id }) => id)
    )

  it.effect(
    "invariant 10 an unavailable request store, such as Redis, under 100 runtimes for an hour",
    () =>
      Effect.gen(function*() {
        const outage = new Outage()
        const { ana, codex, daemon, home, me, muster } = yield* startHome({
          wraps: {
            requests: (real) => ({
              waiting: outage.guard("RequestStore.waiting", real.waiting),
              create: outage.guard("RequestStore.create", real.create)
            }),
            liveness: (real) => ({ alive: outage.guard("Liveness.alive", real.alive) })
          }
        })
        const ids = yield* manyRuntimes(muster, home, ana.id)
        outage.down = true
        const lines = yield* anHour("a dead request store", muster, (now) =>
          Effect.gen(function*() {
            yield* beatsOf(muster, ana, ids)
            assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 200)
            if (now % 300_000 === 0) yield* me.post(`/api/runtimes/${codex.id}/models`)
          }))
        outage.down = false
        yield* beatsOf(muster, ana, ids)
        // The failed operation has to succeed: a successful read shows nothing about failed writes.
        yield* me.post(`/api/runtimes/${codex.id}/models`)
        const all = told(muster.lines)
        withinBudget(lines)
        withinBudget(all)
        assert.match(lines[0]!.message, /^store unavailable: requests: /)
        assert.isAtLeast(Math.max(...all.map(countIn)), 4_000)
        assert.match(all.at(-1)!.message, /^store available again: requests \(after 3600 s/)
      }),
    timeout
  )

  it.effect("invariant 10 an unavailable database under 100 runtimes for an hour", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const guarded = <S extends object>(name: string) => (real: S): S =>
        Object.fromEntries(
          Object.entries(real).map(([key, call]) => [key, outage.guard(`${name}.${key}`, call)])
        ) as S
      const { ana, codex, daemon, home, me, muster } = yield* startHome({
        wraps: { registry: guarded("Registry"), access: guarded("Access") }
      })
      const ids = yield* manyRuntimes(muster, home, ana.id)
      // The cached rows and credentials have expired by now.
      yield* TestClock.adjust("30 seconds")
      outage.down = true
      const lines = yield* anHour("a dead database", muster, (now) =>
        Effect.gen(function*() {
          yield* beatsOf(muster, ana, ids)
          assert.strictEqual((yield* daemon.post(beatPath, { runtime_id: codex.id })).status, 500)
          if (now % 60_000 !== 0) return
          yield* daemon.get("/api/workspaces")
          yield* me.get("/api/runtimes")
          yield* daemon.post("/api/daemon/register", { workspace_id: home, daemon_id: "d", runtimes: [] })
        }))
      outage.down = false
      yield* beatsOf(muster, ana, ids)
      yield* daemon.get("/api/workspaces")
      withinBudget(lines)
      withinBudget(told(muster.lines))
      assert.includeMembers(lines.map(({ level }) => level), ["Warn", "Error"])
    }), timeout)

  it.effect("invariant 10 300 different bad requests leave a bounded number of lines", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      for (let i = 0; i < 300; i++) yield* muster.nobody.get(`/no/such/page/${i}`)
      const lines = told(muster.lines)
      print(`300 bad requests: ${lines.length} lines`)
      assert.isAtMost(lines.length, 101)
    }))
})
