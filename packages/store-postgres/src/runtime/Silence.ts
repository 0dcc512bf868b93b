import { type Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { runtimes } from "./RuntimeRows.ts"

// Writes to many rows lock them in the order of their ids, or skip locked ones, so that they cannot deadlock. A rule is
// checked when a row is locked, on its current state, and from then on no other writer changes it.

export const markOnline = (sql: SqlClient.SqlClient, id: Runtime.RuntimeId, at: number, now: number) =>
  Effect.map(
    sql`
      UPDATE runtimes SET status = 'online', last_seen_at = greatest(last_seen_at, ${at}), updated_at = ${now}
      WHERE id = ${id}
      RETURNING id`,
    (rows) => rows.length > 0
  )

export const markOffline = (sql: SqlClient.SqlClient, ids: ReadonlyArray<Runtime.RuntimeId>, now: number) =>
  Effect.asVoid(sql`
    WITH taken AS (
      SELECT id FROM runtimes WHERE id = ANY(${arrayOf(ids)}::uuid[]) AND status = 'online'
      ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE runtimes SET status = 'offline', updated_at = ${now} FROM taken WHERE runtimes.id = taken.id`)

export const touch = (sql: SqlClient.SqlClient, seen: ReadonlyMap<Runtime.RuntimeId, number>) =>
  Effect.map(
    sql<{ readonly online: number }>`
      WITH seen AS (
        SELECT * FROM unnest(${arrayOf(seen.keys())}::uuid[], ${arrayOf(seen.values())}::bigint[]) AS seen(id, at)
      ), taken AS (
        SELECT runtimes.id, seen.at FROM runtimes JOIN seen ON seen.id = runtimes.id
        WHERE status = 'online'
        ORDER BY runtimes.id FOR NO KEY UPDATE OF runtimes
      ), written AS (
        UPDATE runtimes SET last_seen_at = greatest(last_seen_at, taken.at)
        FROM taken WHERE runtimes.id = taken.id
        RETURNING 1
      )
      SELECT count(*) AS online FROM written`,
    ([row]) => row?.online ?? 0
  )

export const stale = (sql: SqlClient.SqlClient, before: number, max: number) =>
  runtimes.all(sql`
    SELECT * FROM runtimes WHERE status = 'online' AND last_seen_at < ${before}
    ORDER BY last_seen_at, id
    LIMIT ${max}`)

export const markStale = (
  sql: SqlClient.SqlClient,
  ids: ReadonlyArray<Runtime.RuntimeId>,
  before: number,
  now: number
) =>
  runtimes.all(sql`
    WITH taken AS (
      SELECT id FROM runtimes
      WHERE id = ANY(${arrayOf(ids)}::uuid[]) AND status = 'online' AND last_seen_at < ${before}
      ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE runtimes SET status = 'offline', updated_at = ${now}
    FROM taken WHERE runtimes.id = taken.id
    RETURNING runtimes.*`)

export const expire = (
  sql: SqlClient.SqlClient,
  before: number,
  ephemeralBefore: number,
  max: number,
  now: number
) =>
  runtimes.all(sql`
    WITH doomed AS (
      SELECT id FROM runtimes
      WHERE status = 'offline' AND (coalesce(last_seen_at, created_at) < ${before}
        OR (ephemeral AND coalesce(last_seen_at, created_at) < ${ephemeralBefore}))
      ORDER BY coalesce(last_seen_at, created_at)
      LIMIT ${max}
      FOR UPDATE SKIP LOCKED
    ), removed AS (
      DELETE FROM runtimes USING doomed WHERE runtimes.id = doomed.id RETURNING runtimes.*
    ), buried AS (
      INSERT INTO runtime_tombstones (runtime_id, workspace_id, reason, removed_at)
      SELECT id, workspace_id, 'expired', ${now} FROM removed
    ), forgotten AS (
      DELETE FROM runtime_tombstones WHERE removed_at < ${now - RuntimeRegistry.tombstoneRetention}
    )
    SELECT * FROM removed ORDER BY coalesce(last_seen_at, created_at)`)
