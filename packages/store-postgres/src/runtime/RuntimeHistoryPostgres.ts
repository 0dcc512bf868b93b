import { type Runtime, RuntimeHistory } from "@muster/domain"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

const buckets = rowsOf(RuntimeHistory.Bucket)

/** A count that a column of type `integer` holds. */
const count = (n: number) => Math.min(Math.max(0, Math.round(n)), 1_000_000_000)

/**
 * One statement adds rows and removes old ones. Locks runtimes and buckets in the order of their ids, so that replicas
 * cannot deadlock, and only after that checks that a runtime exists.
 */
const record = (sql: SqlClient.SqlClient, rows: ReadonlyArray<RuntimeHistory.Row>, now: number) => {
  const oldest = RuntimeHistory.oldestBucket(now)
  return Effect.asVoid(sql`
    WITH removed AS (
      DELETE FROM runtime_history WHERE (runtime_id, at) IN (
        SELECT runtime_id, at FROM runtime_history WHERE at < ${oldest}
        ORDER BY at LIMIT ${RuntimeHistory.maxOld}
        FOR UPDATE SKIP LOCKED
      )
    ), given AS (
      SELECT id, at, sum(beats) AS beats, sum(covered) AS covered, max(max_ms) AS max_ms
      FROM unnest(
        ${arrayOf(rows.map(({ runtime }) => runtime))}::uuid[],
        ${arrayOf(rows.map(({ at }) => at))}::bigint[],
        ${arrayOf(rows.map(({ beats }) => count(beats)))}::integer[],
        ${arrayOf(rows.map(({ covered }) => count(covered)))}::integer[],
        ${arrayOf(rows.map(({ maxMs }) => count(maxMs)))}::integer[]
      ) AS row(id, at, beats, covered, max_ms)
      WHERE at >= ${oldest}
      GROUP BY id, at
    ), present AS (
      SELECT given.* FROM given JOIN runtimes ON runtimes.id = given.id
      ORDER BY given.id, given.at FOR KEY SHARE OF runtimes
    )
    INSERT INTO runtime_history AS known (runtime_id, at, beats, covered, max_ms)
    SELECT id, at, least(beats, 1000000000), least(covered, ${RuntimeHistory.bucketMs}::bigint), max_ms FROM present
    ON CONFLICT (runtime_id, at) DO UPDATE SET
      beats = least(known.beats::bigint + excluded.beats, 1000000000),
      covered = least(known.covered + excluded.covered, ${RuntimeHistory.bucketMs}::bigint),
      max_ms = greatest(known.max_ms, excluded.max_ms)`)
}

const of = (sql: SqlClient.SqlClient, runtime: Runtime.RuntimeId, since: number) =>
  buckets.all(sql`
    SELECT at, beats, covered, max_ms FROM runtime_history
    WHERE runtime_id = ${runtime} AND at >= ${since}
    ORDER BY at DESC LIMIT ${RuntimeHistory.maxBuckets}`)

/** The histories of runtimes in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const RuntimeHistoryPostgres = {
  layer: Layer.effect(
    RuntimeHistory.RuntimeHistory,
    Effect.map(SqlClient.SqlClient, (sql) =>
      RuntimeHistory.RuntimeHistory.of({
        record: (rows) => asOperationNow("RuntimeHistory.record", (now) => record(sql, rows, now)),
        of: (runtime, since) =>
          Effect.map(asOperation("RuntimeHistory.of")(of(sql, runtime, since)), (rows) => rows.toReversed())
      }))
  )
}
