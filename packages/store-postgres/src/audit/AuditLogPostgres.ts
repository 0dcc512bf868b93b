import { AuditLog, type Identity, Store } from "@muster/domain"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { asOperation } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

const events = rowsOf(AuditLog.AuditEvent)
const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))

const append = (sql: SqlClient.SqlClient, added: ReadonlyArray<AuditLog.AuditEvent>) =>
  Effect.asVoid(sql`
    INSERT INTO audit_events (id, at, workspace_id, actor_kind, actor_id, actor_name, credential, action,
      target_kind, target_id, target_name, address, client, details)
    SELECT id, at, "workspaceId", actor->>'kind', actor->>'id', actor->>'name', nullif(credential, 'null'), action,
      target->>'kind', target->>'id', target->>'name', address, client, details
    FROM jsonb_to_recordset(${jsonText(added)}::jsonb) AS added(
      id uuid, at bigint, "workspaceId" uuid, actor jsonb, credential jsonb, action text, target jsonb, address text,
      client text, details jsonb)
    ORDER BY id
    ON CONFLICT (id) DO NOTHING`)

const wordOrNull = (text: string | undefined) => text === undefined ? null : Store.cleanText(text)

/** `matchesAudit` without the workspace, and whether the event is older than the cursor; in SQL. */
const passes = (sql: SqlClient.SqlClient, filter: AuditLog.AuditFilter, cursor: AuditLog.AuditCursor | undefined) => {
  const [actor, action, target] = [filter.actor, filter.action, filter.target].map(wordOrNull)
  return sql`(
    (${filter.from ?? null}::bigint IS NULL OR at >= ${filter.from ?? null}::bigint)
    AND (${filter.to ?? null}::bigint IS NULL OR at < ${filter.to ?? null}::bigint)
    AND (${cursor?.at ?? null}::bigint IS NULL OR (at, id) < (${cursor?.at ?? null}::bigint, ${
    cursor?.id ?? null
  }::uuid))
    AND (${actor}::text IS NULL OR lower(${actor}::text) IN (lower(actor_id), lower(actor_name)))
    AND (${action}::text IS NULL OR action = ${action}::text OR starts_with(action, ${action}::text || '.'))
    AND (${target}::text IS NULL OR lower(${target}::text) IN (lower(target_id), lower(target_name), lower(target_kind)))
  )`
}

/** Each half comes from the index in order, so that a page does not sort a whole log. */
const page = (
  sql: SqlClient.SqlClient,
  filter: AuditLog.AuditFilter,
  cursor: AuditLog.AuditCursor | undefined,
  max: number
) => {
  const half = (workspace: Identity.WorkspaceId | null) => {
    const isHere = workspace === null
      ? sql`workspace_id IS NULL AND actor_kind = 'unknown'`
      : sql`workspace_id = ${workspace}::uuid`
    return sql`(
      SELECT * FROM audit_events WHERE ${isHere} AND ${passes(sql, filter, cursor)}
      ORDER BY at DESC, id DESC LIMIT ${max})`
  }
  return events.all(sql`
    SELECT id, at, workspace_id, jsonb_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) AS actor,
      credential, action, CASE WHEN target_kind IS NOT NULL THEN
        jsonb_build_object('kind', target_kind, 'id', target_id, 'name', target_name) END AS target,
      address, client, details
    FROM (${half(filter.workspace)} UNION ALL ${half(null)}) AS found
    ORDER BY at DESC, id DESC LIMIT ${max}`)
}

const prune = (sql: SqlClient.SqlClient, before: number) =>
  Effect.map(
    counts.one(sql`
      WITH removed AS (
        DELETE FROM audit_events WHERE id IN (
          SELECT id FROM audit_events WHERE at < ${before} ORDER BY at LIMIT ${AuditLog.maxAuditPrune} FOR UPDATE SKIP LOCKED
        ) RETURNING 1
      )
      SELECT count(*)::integer AS count FROM removed`),
    ({ count }) => count
  )

/** The audit log in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const AuditLogPostgres = {
  layer: Layer.effect(
    AuditLog.AuditLog,
    Effect.map(SqlClient.SqlClient, (sql) =>
      AuditLog.AuditLog.of({
        append: (added) => added.length === 0 ? Effect.void : asOperation("AuditLog.append")(append(sql, added)),
        page: (filter, cursor, max) => asOperation("AuditLog.page")(page(sql, filter, cursor, max)),
        prune: (before) => asOperation("AuditLog.prune")(prune(sql, before))
      }))
  )
}
