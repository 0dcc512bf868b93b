import { Identity, Join, Token } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { servedWorkspaces } from "./MachineRows.ts"

const holders = rowsOf(Schema.Struct({
  machineId: Identity.MachineId,
  userId: Identity.UserId,
  daemonId: Identity.DaemonId,
  workspaces: Schema.Array(Identity.WorkspaceId),
  fingerprint: Schema.NullOr(Schema.String),
  ephemeral: Schema.Boolean,
  expiresAt: Schema.Finite
}))
const hashes = rowsOf(Schema.Struct({ hash: Token.TokenHash }))

export const authenticate = (sql: SqlClient.SqlClient, hash: Token.TokenHash, now: number) =>
  Effect.map(
    holders.first(sql`
      SELECT machines.id AS machine_id, owner_id AS user_id, daemon_id, ${servedWorkspaces(sql)} AS workspaces,
        fingerprint, ephemeral, expires_at
      FROM machine_credentials JOIN machines ON machines.id = machine_id
      WHERE hash = ${hash} AND expires_at > ${now} AND daemon_id IS NOT NULL`),
    Option.map((holder): Identity.MachineCredential => ({ _tag: "Machine", ...holder }))
  )

export const ended = (sql: SqlClient.SqlClient, asked: ReadonlyArray<Token.TokenHash>, now: number) =>
  Effect.map(
    hashes.all(sql`
      SELECT hash FROM unnest(${arrayOf(asked)}::text[]) AS asked(hash)
      EXCEPT SELECT hash FROM machine_credentials WHERE hash = ANY(${arrayOf(asked)}::text[]) AND expires_at > ${now}`),
    (rows) => rows.map(({ hash }) => hash)
  )

export const renew = (
  sql: SqlClient.SqlClient,
  old: Token.TokenHash,
  { expiresAt, hash }: { readonly hash: Token.TokenHash; readonly expiresAt: number },
  now: number
) =>
  Effect.map(
    sql`
      WITH old AS (
        SELECT machine_id, fingerprint FROM machine_credentials WHERE hash = ${old} AND expires_at > ${now}
      ), unused AS (
        DELETE FROM machine_credentials AS other USING old
        WHERE other.machine_id = old.machine_id AND other.hash <> ${old} AND other.used_at IS NULL
      )
      INSERT INTO machine_credentials (hash, machine_id, fingerprint, created_at, expires_at)
      SELECT ${hash}, machine_id, fingerprint, ${now}, ${expiresAt}::bigint FROM old
      RETURNING hash`,
    (rows) => rows.length > 0
  )

/** Locks machines before credentials, each in the order of their ids, like every operation that removes a machine. */
export const touch = (sql: SqlClient.SqlClient, used: ReadonlyArray<Token.TokenHash>, at: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`
      WITH taken AS (
        SELECT id FROM machines
        WHERE id IN (SELECT machine_id FROM machine_credentials WHERE hash = ANY(${arrayOf(used)}::text[]))
        ORDER BY id FOR NO KEY UPDATE
      )
      UPDATE machines SET last_seen_at = greatest(last_seen_at, ${at}) FROM taken WHERE machines.id = taken.id`
    yield* sql`
      WITH newest AS (
        SELECT machine_id, max(created_at) AS created_at FROM machine_credentials
        WHERE hash = ANY(${arrayOf(used)}::text[]) GROUP BY machine_id
      ), taken AS (
        SELECT one.hash, one.hash = ANY(${arrayOf(used)}::text[]) AS used, one.created_at < newest.created_at AS older
        FROM machine_credentials AS one JOIN newest ON newest.machine_id = one.machine_id
        ORDER BY one.hash FOR NO KEY UPDATE OF one
      )
      UPDATE machine_credentials AS one SET
        used_at = CASE WHEN taken.used THEN greatest(one.used_at, ${at}) ELSE one.used_at END,
        expires_at = CASE WHEN taken.older THEN least(one.expires_at, ${
      at + Join.credentialOverlap
    }) ELSE one.expires_at END
      FROM taken WHERE one.hash = taken.hash`
  }))
