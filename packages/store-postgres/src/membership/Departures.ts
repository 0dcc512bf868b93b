import { type Identity, type Membership, Runtime, type RuntimeRegistry, Token } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"

const runtimes = rowsOf(Schema.Struct({ id: Runtime.RuntimeId }))
const hashes = rowsOf(Schema.Struct({ hash: Token.TokenHash }))
const machines = rowsOf(Schema.Struct({ id: Schema.String }))

/** Who leaves a workspace and why; `leaver` null: every member, since it is deleted. */
export interface Leaving {
  readonly workspaceId: Identity.WorkspaceId
  readonly leaver: Identity.UserId | null
  readonly reason: RuntimeRegistry.Departure
  readonly by: Identity.UserId
}

/** Locks rows in the order of their ids, as registrations and sweeps do. */
const runtimesLeave = (sql: SqlClient.SqlClient, { by, leaver, reason, workspaceId }: Leaving, now: number) =>
  runtimes.all(sql`
    WITH leaving AS (
      SELECT id FROM runtimes
      WHERE workspace_id = ${workspaceId} AND (${leaver}::uuid IS NULL OR owner_id = ${leaver}::uuid)
      ORDER BY id
      FOR UPDATE
    ), gone AS (
      INSERT INTO runtime_tombstones (runtime_id, workspace_id, reason, removed_by, removed_at)
      SELECT id, ${workspaceId}::uuid, ${reason}, ${by}::uuid, ${now} FROM leaving
    )
    SELECT id FROM leaving`)

/** The tokens of the daemons of these runtimes. */
const daemonsLeave = (
  sql: SqlClient.SqlClient,
  { leaver, workspaceId }: Leaving,
  left: ReadonlyArray<Runtime.RuntimeId>
) =>
  hashes.all(sql`
    DELETE FROM daemon_tokens
    WHERE workspace_id = ${workspaceId} AND (${leaver}::uuid IS NULL OR daemon_id IN (
      SELECT daemon_id FROM runtimes WHERE id = ANY(${arrayOf(left)}::uuid[])
    ))
    RETURNING hash`)

/** Removes machines, in the order of their ids, and those that then serve no workspace with their credentials. */
const machinesLeave = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { leaver, workspaceId }: Leaving,
  now: number
) {
  yield* sql`
    UPDATE join_tokens SET revoked_at = coalesce(revoked_at, ${now})
    WHERE workspace_id = ${workspaceId} AND used_at IS NULL
      AND (${leaver}::uuid IS NULL OR owner_id = ${leaver}::uuid)`
  yield* sql`
    UPDATE join_keys SET revoked_at = coalesce(revoked_at, ${now})
    WHERE workspace_id = ${workspaceId} AND (${leaver}::uuid IS NULL OR owner_id = ${leaver}::uuid)`
  const leaving = yield* machines.all(sql`
    SELECT id FROM machines
    WHERE (${leaver}::uuid IS NULL OR owner_id = ${leaver}::uuid)
      AND id IN (SELECT machine_id FROM machine_workspaces WHERE workspace_id = ${workspaceId})
    ORDER BY id
    FOR UPDATE`)
  const ids = arrayOf(leaving.map(({ id }) => id))
  yield* sql`
    DELETE FROM machine_workspaces WHERE workspace_id = ${workspaceId} AND machine_id = ANY(${ids}::uuid[])`
  const idle = sql`
    SELECT id FROM machines WHERE id = ANY(${ids}::uuid[])
      AND NOT EXISTS (SELECT FROM machine_workspaces WHERE machine_id = machines.id)`
  const ended = yield* hashes.all(sql`SELECT hash FROM machine_credentials WHERE machine_id IN (${idle})`)
  yield* sql`DELETE FROM machines WHERE id IN (${idle})`
  return ended
})

/**
 * Removes everything of the leaver from the workspace: runtimes, with a tombstone; their daemons' tokens; machines, and
 * their join secrets. In a transaction that has removed the membership already, so that no registration follows.
 */
export const depart = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, leaving: Leaving, now: number) {
  const left = (yield* runtimesLeave(sql, leaving, now)).map(({ id }) => id)
  const tokens = [...yield* daemonsLeave(sql, leaving, left), ...yield* machinesLeave(sql, leaving, now)]
  yield* sql`DELETE FROM runtimes WHERE id = ANY(${arrayOf(left)}::uuid[])`
  const departed: Membership.Departed = { runtimes: left, tokens: tokens.map(({ hash }) => hash) }
  return departed
})
