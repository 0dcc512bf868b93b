import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { TaskQueue } from "@muster/domain"
import { Migrations, PostgresClient, TaskQueuePostgres } from "@muster/store-postgres"
import { completed, freshDaemon, freshDatabase, freshRuntime, freshWorkspace, newTask } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"

const count = 100

/** One connection, so that what it has counted can be written at once. */
const database = Layer.unwrap(
  Effect.map(
    freshDatabase,
    (url) => Layer.provideMerge(Migrations.layer, PostgresClient.layer({ url, maxConnections: 1 }))
  )
)

/** How often each table of tasks was read whole. */
const scans = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.andThen(
    sql`SELECT pg_stat_force_next_flush()`,
    sql<{ readonly relname: string; readonly scans: number }>`
      SELECT relname, seq_scan::integer AS scans FROM pg_stat_user_tables
      WHERE relname IN ('tasks', 'task_served', 'task_daemons') ORDER BY relname`
  ))

describe("the plans of the queue's statements", () => {
  it.effect("T-01 a table that grows before it has statistics is never read whole", () =>
    Effect.gen(function*() {
      const queue = yield* TaskQueue.TaskQueue
      const workspaceId = yield* freshWorkspace
      const lanes = yield* Effect.replicateEffect(
        Effect.all({ runtimeId: freshRuntime, daemonId: freshDaemon }),
        4
      )
      const before = yield* scans
      const done = yield* Effect.forEach(
        lanes,
        ({ daemonId, runtimeId }) =>
          Effect.forEach(Array.from({ length: count }), (_, n) =>
            Effect.gen(function*() {
              const key = n % 2 === 0 ? null : `folder of ${daemonId}`
              const task = yield* newTask({ runtimeId, workspaceId }, { key })
              const { id } = task
              yield* queue.enqueue({ task, idempotency: null })
              const runtimeIds = [runtimeId]
              const [claimed] = yield* queue.claim({
                daemonId,
                fenced: true,
                runtimeIds,
                max: 1,
                slots: 3,
                tokenHashes: []
              })
              strictEqual(claimed?.id, id)
              yield* queue.start({ id, epoch: 1 })
              yield* queue.settle({ id, epoch: 1 }, completed, {})
            })),
        { concurrency: "unbounded" }
      )
      strictEqual(done.flat().length, lanes.length * count)
      deepStrictEqual(yield* scans, before)
    }).pipe(Effect.provide(Layer.provideMerge(TaskQueuePostgres.layer, database))), 60_000)
})
