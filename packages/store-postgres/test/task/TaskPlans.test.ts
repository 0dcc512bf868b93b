import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
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
      WHERE relname IN ('tasks', 'task_served') ORDER BY relname`
  ))

/** How many entries of the indexes of tasks were read. */
const entriesRead = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.andThen(
    sql`SELECT pg_stat_force_next_flush()`,
    Effect.map(
      sql<{ readonly entries: number }>`
        SELECT sum(idx_tup_read)::integer AS entries FROM pg_stat_user_indexes WHERE relname = 'tasks'`,
      ([row]) => row!.entries
    )
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

  it.effect.each([{ statistics: "no statistics" }, { statistics: "statistics" }])(
    "T-01 the steps of a task read no tasks of other runtimes, though they were planned with $statistics of an empty table",
    ({ statistics }) =>
      Effect.gen(function*() {
        const queue = yield* TaskQueue.TaskQueue
        const sql = yield* SqlClient.SqlClient
        const workspaceId = yield* freshWorkspace
        const [runtimeId, other, daemonId] = yield* Effect.all([freshRuntime, freshRuntime, freshDaemon])
        const claim = { daemonId, fenced: true, runtimeIds: [runtimeId], max: 1, slots: 3, tokenHashes: [] }
        const cycleOf = Effect.fnUntraced(function*(key: string | null) {
          const task = yield* newTask({ runtimeId, workspaceId }, { key })
          const { id } = task
          yield* queue.enqueue({ task, idempotency: null })
          strictEqual((yield* queue.claim(claim))[0]?.id, id)
          yield* queue.start({ id, epoch: 1 })
          yield* queue.settle({ id, epoch: 1 }, completed, {})
        })
        const cycle = Effect.andThen(cycleOf(null), cycleOf("a folder"))
        const entriesOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
          Effect.gen(function*() {
            const before = yield* entriesRead
            yield* effect
            return (yield* entriesRead) - before
          })
        if (statistics === "statistics") yield* sql`VACUUM ANALYZE tasks`
        yield* cycle
        const usual = yield* entriesOf(cycle)
        yield* queue.enqueue({
          task: yield* newTask({ runtimeId: other, workspaceId: yield* freshWorkspace }),
          idempotency: null
        })
        yield* sql`
          INSERT INTO tasks SELECT copy.* FROM tasks CROSS JOIN generate_series(1, 2000) AS n
          CROSS JOIN jsonb_populate_record(
            tasks,
            jsonb_build_object('id', gen_random_uuid(), 'workspace_id', gen_random_uuid(), 'key', n)
          ) AS copy
          WHERE tasks.runtime_id = ${other}`
        const among = yield* entriesOf(cycle)
        assertTrue(among <= usual + 10, `${among} entries of indexes were read, ${usual} before`)
      }).pipe(Effect.provide(Layer.provideMerge(TaskQueuePostgres.layer, database))),
    60_000
  )

  it.effect("T-01 a replica of the schema before this one still gets an answer to its claim", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const item = { place: 7, runtime_ids: [], passed: [], now: 0, slots: 1, is_up_to_date: true, waits: false }
      const items = JSON.stringify([{ ...item, daemon_id: yield* freshDaemon }])
      const rows = yield* sql`SELECT place, took, id FROM muster_claim_tasks(${items}::json)`
      deepStrictEqual(rows, [{ place: 7, took: false, id: null }])
    }).pipe(Effect.provide(database)))
})
