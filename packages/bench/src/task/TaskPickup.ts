import { freshDatabaseOn, PostgresServer, RedisServer } from "@muster/store-suite"
import { Clock, Console, Effect, Layer, Redacted } from "effect"
import { median, percentile, round } from "../load/median.ts"
import { type Muster, startMuster, startMusterOn } from "../load/Muster.ts"
import { awaitTask, createTask, startTaskMachine } from "./TaskMachine.ts"

const runs = 3
const tasks = 60
const warmUp = 10

/**
 * One task: the times from the person's call until it was claimed, until its agent's process was started, and its end, in ms. The
 * system's clock is the one that all processes share: `performance.timeOrigin` does not follow its corrections.
 */
const once = Effect.fnUntraced(function*(muster: Muster, runtime: string) {
  const asked = yield* Clock.currentTimeMillis
  const id = yield* createTask(muster, runtime, "start")
  const queued = (yield* Clock.currentTimeMillis) - asked
  const task = yield* awaitTask(muster, id)
  const { claimed_at, started_at } = task.attempts[0]!
  return {
    queued,
    claimed: Date.parse(claimed_at) - asked,
    begun: Date.parse(started_at!) - asked,
    started: Number(task.text) - asked,
    ended: (yield* Clock.currentTimeMillis) - asked
  }
})

/** Tasks one after the other: enqueued at one server, run by a daemon of the other (or the same). */
const measure = Effect.fnUntraced(function*(name: string, ask: Muster, at: Muster) {
  const { runtime } = yield* startTaskMachine(at)
  const task = once(ask, runtime)
  yield* Effect.replicateEffect(task, warmUp)
  const run = Effect.gen(function*() {
    const times = yield* Effect.replicateEffect(task, tasks)
    const of = (step: keyof typeof times[number], p = 0.5) => percentile(times.map((time) => time[step]), p)
    const result = {
      p50: of("started"),
      p99: of("started", 0.99),
      queued: of("queued"),
      claimed: of("claimed"),
      begun: of("begun"),
      ended: of("ended")
    }
    yield* Console.error(`${name}: p50 ${round(result.p50, 1)} ms, p99 ${round(result.p99, 1)} ms`)
    return result
  })
  const results = yield* Effect.replicateEffect(run, runs)
  const of = (key: keyof typeof results[number]) => round(median(results.map((one) => one[key])), 1)
  return {
    p50_ms: of("p50"),
    p99_ms: of("p99"),
    steps_p50_ms: { queued: of("queued"), claimed: of("claimed"), begun: of("begun"), ended: of("ended") }
  }
}, Effect.scoped)

const embedded = Effect.flatMap(startMuster, (muster) => measure("embedded", muster, muster)).pipe(Effect.scoped)

const replicas = Effect.gen(function*() {
  const postgres = yield* PostgresServer
  const redis = yield* RedisServer
  const urls = [Redacted.value(yield* freshDatabaseOn(postgres.url)), redis.url]
  return yield* measure("replicas", yield* startMusterOn(urls), yield* startMusterOn(urls))
}).pipe(Effect.scoped)

/**
 * From the person's call that queues a task until the process of its agent is started, by a real daemon with its socket open:
 * at the embedded server, and with two replicas on PostgreSQL and Redis, where the daemon is at the other one.
 */
export const taskPickup = Effect.gen(function*() {
  return { bench: "task-pickup", n: runs * tasks, embedded: yield* embedded, replicas: yield* replicas }
}).pipe(Effect.provide(Layer.mergeAll(PostgresServer.layer, RedisServer.layer)))
