import { TaskQueue } from "@muster/domain"
import { Migrations, PostgresClient, TaskLogPostgres, TaskQueuePostgres } from "@muster/store-postgres"
import { freshDatabaseOn, PostgresServer } from "@muster/store-suite"
import { Clock, Effect, Layer, Redacted } from "effect"
import { round } from "../load/median.ts"
import { compare, type Contender } from "../requests/Contender.ts"
import { graphileWorker } from "../requests/GraphileWorker.ts"
import { pgBoss } from "../requests/PgBoss.ts"
import { claim, enqueue, type Lane, newLane } from "./Lane.ts"

/** enqueue → claim → start → settle, every step fenced and durable; each lane is a machine of its own. */
const ours = Effect.map(TaskQueue.TaskQueue, (queue): Contender => {
  const lanes = new Map<number, Lane>()
  const laneOf = (n: number) => {
    const lane = lanes.get(n) ?? newLane()
    lanes.set(n, lane)
    return lane
  }
  const cycle = Effect.fnUntraced(function*(lane: Lane) {
    yield* enqueue(queue, lane)
    const [task] = yield* claim(queue, lane)
    yield* queue.start(task!)
    const settled = yield* queue.settle(
      task!,
      { _tag: "Completed", result: { text: "done", stopReason: "end", rejections: 0 } },
      {}
    )
    if (settled._tag === "None" || settled.value._tag !== "Done") return yield* Effect.die("not settled")
  })
  return { name: "muster", cycle: (n) => Effect.runPromise(cycle(laneOf(n))) }
})

const claims = { lanes: 8, each: 100 }

/** Claims of one task each, of queues that hold 100. */
const claimRate = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const lanes = Array.from({ length: claims.lanes }, newLane)
  const times = Array.from({ length: claims.each })
  yield* Effect.forEach(lanes, (lane) => Effect.forEach(times, () => enqueue(queue, lane), { discard: true }), {
    concurrency: "unbounded"
  })
  const started = yield* Clock.monotonicTimeNanos
  yield* Effect.forEach(
    lanes,
    (lane) =>
      Effect.forEach(
        times,
        () =>
          queue.claim({ ...lane, fenced: true, runtimeIds: [lane.runtimeId], max: 1, slots: null, tokenHashes: [] }),
        { discard: true }
      ),
    { concurrency: "unbounded" }
  )
  const seconds = Number((yield* Clock.monotonicTimeNanos) - started) / 1e9
  return (claims.lanes * claims.each) / seconds
})

/** Tasks on PostgreSQL against pg-boss and graphile-worker, on the same server, ten connections each. */
export const tasks = Effect.gen(function*() {
  const { url } = yield* PostgresServer
  const [mine, boss, graphile] = yield* Effect.all([freshDatabaseOn(url), freshDatabaseOn(url), freshDatabaseOn(url)])
  const context = yield* Layer.build(
    Layer.merge(TaskQueuePostgres.layer, TaskLogPostgres.layer).pipe(
      Layer.provide(Migrations.layer),
      Layer.provide(PostgresClient.layer({ url: mine }))
    )
  )
  const claimsPerSecond = yield* Effect.provideContext(claimRate, context)
  const muster = yield* Effect.provideContext(ours, context)
  const peers = [pgBoss(Redacted.value(boss)), graphileWorker(Redacted.value(graphile))]
  const { micros, rates, ratios } = yield* compare(muster, peers, [8, 64])
  return {
    bench: "tasks",
    claims_per_s: round(claimsPerSecond, 0),
    ratios,
    cycles_per_second: rates,
    cpu_us_per_cycle: micros
  }
}).pipe(Effect.scoped, Effect.provide(PostgresServer.layer))
