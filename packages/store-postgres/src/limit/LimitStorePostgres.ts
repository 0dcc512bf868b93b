import { Limit, Store } from "@muster/domain"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

const buckets = rowsOf(Schema.Struct({ granted: Schema.Finite, fullAt: Schema.Finite }))

/** `Limit.take` in one statement. Each expression reads the row as it was; it is locked until the end. */
const take = (sql: SqlClient.SqlClient, key: string, bucket: Limit.Bucket, wanted: number, now: number) => {
  const [at, cost] = [now * 1_000, Limit.costOf(bucket)]
  const granted = sql`greatest(0, least(${wanted}::bigint,
    (${at + cost * bucket.max}::bigint - greatest(known.full_at, ${at}::bigint)) / ${cost}::bigint))`
  return Effect.map(
    buckets.one(sql`
      INSERT INTO limit_buckets AS known (key, full_at, granted)
      VALUES (${Store.cleanText(key)}, ${at + cost * Math.min(wanted, bucket.max)}, ${Math.min(wanted, bucket.max)})
      ON CONFLICT (key) DO UPDATE SET
        granted = ${granted},
        full_at = greatest(known.full_at, ${at}::bigint) + ${granted} * ${cost}::bigint
      RETURNING granted, full_at`),
    ({ fullAt, granted }): Limit.Taken => ({
      granted,
      retryAfter: granted > 0 ? 0 : Limit.retryAfterOf(fullAt, bucket, now)
    })
  )
}

const prune = (sql: SqlClient.SqlClient, now: number) =>
  Effect.asVoid(sql`
    DELETE FROM limit_buckets WHERE key IN (
      SELECT key FROM limit_buckets WHERE full_at <= ${now * 1_000} ORDER BY full_at LIMIT ${Limit.maxPrune}
      FOR UPDATE SKIP LOCKED
    )`)

/** Buckets in PostgreSQL, if there is no Redis. Requires the schema: build it after `Migrations`. */
export const LimitStorePostgres = {
  layer: Layer.effect(
    Limit.LimitStore,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Limit.LimitStore.of({
        take: (key, bucket, wanted) => asOperationNow("LimitStore.take", (now) => take(sql, key, bucket, wanted, now)),
        prune: asOperationNow("LimitStore.prune", (now) => prune(sql, now))
      }))
  )
}
