import { Join, Machine } from "@muster/domain"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `machines` with `machineColumns`. */
export const machines = rowsOf(Machine.Machine)

/** Rows of `join_keys`. */
export const joinKeys = rowsOf(Join.JoinKey)

/** The workspaces that a row of `machines` serves and whose members include its owner. */
export const servedWorkspaces = (sql: SqlClient.SqlClient) =>
  sql`(
    SELECT coalesce(jsonb_agg(served.workspace_id ORDER BY served.workspace_id), '[]')
    FROM machine_workspaces AS served
    JOIN members ON members.workspace_id = served.workspace_id AND members.user_id = machines.owner_id
    WHERE served.machine_id = machines.id
  )`

/** The columns of a machine, of a statement over `machines`. */
export const machineColumns = (sql: SqlClient.SqlClient) =>
  sql`machines.*, ${servedWorkspaces(sql)} AS workspaces, (
    SELECT max(expires_at) FROM machine_credentials WHERE machine_id = machines.id
  ) AS credential_expires_at`
