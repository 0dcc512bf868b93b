import { type TaskEvent, TaskLog, TaskQueue } from "@muster/domain"
import { Migrations, PgliteClient, PostgresClient, TaskLogPostgres, TaskQueuePostgres } from "@muster/store-postgres"
import { freshDatabaseOn, PostgresServer, RedisServer } from "@muster/store-suite"
import { Clock, Console, Effect, FileSystem, Layer, Redacted } from "effect"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, round } from "../load/median.ts"
import { startMuster, startMusterOn } from "../load/Muster.ts"
import { chunkDelays } from "./ChunkDelays.ts"
import { claim, enqueue, newLane } from "./Lane.ts"

const runs = 3
const seconds = 2
/** Events of one append. */
const batch = 100

const text = "it reads the file, then changes the line and runs the tests again\n".repeat(3)
const batchFrom = (seq: number) =>
  Array.from({ length: batch }, (_, i): TaskEvent.Sent => ({ seq: seq + i, at: i, body: { kind: "text", text } }))

/** Appends to one running task until the time is over. Returns how many events were stored. */
const appendTo = Effect.fnUntraced(function*(until: bigint) {
  const queue = yield* TaskQueue.TaskQueue
  const log = yield* TaskLog.TaskLog
  const lane = newLane()
  yield* enqueue(queue, lane)
  const [task] = yield* claim(queue, lane)
  yield* queue.start(task!)
  let seq = 1
  while ((yield* Clock.monotonicTimeNanos) < until) {
    const appended = yield* log.append(task!, batchFrom(seq))
    if (appended._tag !== "Appended") return yield* new BenchFailure({ message: `append: ${appended._tag}` })
    seq = appended.next
  }
  yield* queue.settle(task!, { _tag: "Completed", result: { text: "done", stopReason: "end", rejections: 0 } }, {})
  return seq - 1
})

/** Events per second that this number of tasks store together, each one batch after the other. */
const rate = Effect.fnUntraced(function*(tasks: number) {
  const started = yield* Clock.monotonicTimeNanos
  const until = started + BigInt(seconds * 1_000_000_000)
  const counts = yield* Effect.replicateEffect(appendTo(until), tasks, { concurrency: "unbounded" })
  return counts.reduce((sum, count) => sum + count, 0) / (Number((yield* Clock.monotonicTimeNanos) - started) / 1e9)
})

const medianRate = (tasks: number) =>
  Effect.map(Effect.replicateEffect(rate(tasks), runs), (all) => round(median(all), 0))

const rates = Effect.all({ tasks_1: medianRate(1), tasks_8: medianRate(8) })

const stores = Layer.merge(TaskQueuePostgres.layer, TaskLogPostgres.layer).pipe(Layer.provide(Migrations.layer))

const onPostgres = Effect.gen(function*() {
  const { url } = yield* PostgresServer
  return yield* Effect.provide(rates, Layer.provide(stores, PostgresClient.layer({ url: yield* freshDatabaseOn(url) })))
}).pipe(Effect.scoped)

const onPglite = Effect.gen(function*() {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "muster-bench-" })
  return yield* Effect.provide(rates, Layer.provide(stores, PgliteClient.layer({ folder: `${folder}/database` })))
}).pipe(Effect.scoped)

const embedded = Effect.flatMap(startMuster, (muster) => chunkDelays(runs, muster, muster)).pipe(Effect.scoped)

const replicas = Effect.gen(function*() {
  const postgres = yield* PostgresServer
  const redis = yield* RedisServer
  const urls = [Redacted.value(yield* freshDatabaseOn(postgres.url)), redis.url]
  return yield* chunkDelays(runs, yield* startMusterOn(urls), yield* startMusterOn(urls))
}).pipe(Effect.scoped)

/**
 * The events of tasks: how many are stored per second in batches of 100, and the time from a chunk of the agent's text until a
 * reader of the task's stream has it, at the embedded server and with two replicas (the daemon at one, the reader at the other).
 */
export const taskEvents = Effect.gen(function*() {
  const delays = { embedded: yield* embedded, replicas: yield* replicas }
  yield* Console.error(`delays: ${JSON.stringify(delays)}`)
  return { bench: "task-events", delays, events_per_s: { pglite: yield* onPglite, postgres: yield* onPostgres } }
}).pipe(Effect.provide(Layer.mergeAll(PostgresServer.layer, RedisServer.layer)))
