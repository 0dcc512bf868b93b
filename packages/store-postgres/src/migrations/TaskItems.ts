import type { SqlClient, Statement } from "effect/sql"

/** The columns of an item of `muster_write_tasks` and `muster_claim_tasks` that are those of a record. */
export const itemColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(`place integer, id uuid, version integer, daemon_id text, status text, active boolean, epoch integer,
    not_before bigint, due bigint, deadline bigint, ended_at bigint, token_hash text, record jsonb`)

/** Writes what `item` has into the task that this statement finds. */
export const writeItem = (sql: SqlClient.SqlClient, find: Statement.Fragment) =>
  sql`UPDATE tasks SET
      record = item.record, version = item.version + 1, daemon_id = item.daemon_id, status = item.status,
      active = item.active, epoch = item.epoch, not_before = item.not_before, due = item.due, deadline = item.deadline,
      ended_at = item.ended_at, token_hash = item.token_hash
    WHERE ${find}`

/** The task of `item`, unless it has changed. */
export const unchanged = (sql: SqlClient.SqlClient) => sql.literal("id = item.id AND version = item.version")

/** The same, unless it is locked. */
export const free = (sql: SqlClient.SqlClient) =>
  sql`id = (SELECT id FROM tasks WHERE ${unchanged(sql)} FOR NO KEY UPDATE SKIP LOCKED)`
