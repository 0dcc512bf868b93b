import { Census, Runtime } from "@muster/domain"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

const counted = rowsOf(Schema.Struct({
  runtimes: Schema.Array(
    Schema.Struct({ provider: Schema.String, status: Runtime.RuntimeStatus, count: Schema.Finite })
  ),
  daemons: Schema.Finite,
  online: Schema.Finite,
  oldestPending: Schema.NullOr(Schema.Finite),
  queued: Schema.Finite,
  active: Schema.Finite,
  oldestQueued: Schema.NullOr(Schema.Finite)
}))

/** How long the count may take. It gives up early: nobody waits for it but a scrape, and the next one counts again. */
const deadline = "2 seconds"

const count = (sql: SqlClient.SqlClient, now: number) =>
  counted.one(sql`
    SELECT
      (SELECT coalesce(jsonb_agg(grouped), '[]') FROM (
        SELECT CASE WHEN provider = ANY(${
    arrayOf(Runtime.knownProviders)
  }::text[]) THEN provider ELSE 'other' END AS provider,
          status, count(*)::integer AS count
        FROM runtimes GROUP BY 1, 2
      ) AS grouped) AS runtimes,
      (SELECT count(DISTINCT daemon_id)::integer FROM runtimes) AS daemons,
      (SELECT count(DISTINCT daemon_id)::integer FROM runtimes WHERE status = 'online') AS online,
      (SELECT min(created_at) FROM request_journal
        JOIN unnest(
          ${arrayOf(Census.pendingLimits.keys())}::text[],
          ${arrayOf(Census.pendingLimits.values())}::bigint[]
        ) AS terms(kind, pending) USING (kind)
        WHERE "end" IS NULL AND deliveries = '[]' AND created_at >= ${now}::bigint - pending) AS oldest_pending,
      (SELECT count(*)::integer FROM tasks WHERE status = 'Queued' AND deadline >= ${now}) AS queued,
      (SELECT count(*)::integer FROM tasks WHERE active AND deadline >= ${now}) AS active,
      (SELECT min(not_before) FROM tasks
        WHERE status = 'Queued' AND not_before <= ${now} AND deadline >= ${now}) AS oldest_queued`)

/** Counts the tables in PostgreSQL, with one statement. Requires the schema: build it after `Migrations`. */
export const CensusPostgres = {
  layer: Layer.effect(
    Census.Census,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Effect.map(
        asOperationNow("Census", (now) => count(sql, now), deadline),
        ({ active, daemons, oldestPending, oldestQueued, online, queued, runtimes }) => ({
          runtimes,
          daemons: { online, offline: daemons - online },
          oldestPending,
          tasks: { queued, active, oldestQueued }
        })
      ))
  )
}
