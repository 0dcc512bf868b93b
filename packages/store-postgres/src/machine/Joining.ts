import { Identity, Join, Machine, Machines, Store, Uuid } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { cleanWord, jsonText } from "../client/CleanText.ts"
import { rowsOf } from "../client/Rows.ts"
import { machineColumns, machines } from "./MachineRows.ts"

const admission = {
  ownerId: Identity.UserId,
  workspaceId: Identity.WorkspaceId,
  uses: Schema.Finite,
  maxUses: Schema.NullOr(Schema.Finite),
  expiresAt: Schema.Finite,
  revokedAt: Schema.NullOr(Schema.Finite),
  isMember: Schema.Boolean
}
const Token = Schema.Struct({ ...admission, machineId: Schema.NullOr(Identity.MachineId) })
const tokens = rowsOf(Token)
const Key = Schema.Struct({
  ...admission,
  id: Machine.JoinKeyId,
  labels: Schema.Array(Machine.Label),
  ephemeral: Schema.Boolean
})
const keys = rowsOf(Key)
const Known = Schema.Struct({
  id: Identity.MachineId,
  name: Schema.String,
  daemonId: Schema.NullOr(Identity.DaemonId),
  labels: Schema.Array(Machine.Label),
  drain: Schema.NullOr(Machine.Drain),
  servesIt: Schema.Boolean
})
const known = rowsOf(Known)
const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))

const isMember = (sql: SqlClient.SqlClient, table: string) =>
  sql`EXISTS (
    SELECT FROM members WHERE user_id = ${sql(table)}.owner_id AND workspace_id = ${sql(table)}.workspace_id
  ) AS is_member`

/** Fails if the workspace has the maximum number of machines. */
export const checkRoom = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) {
  const max = (yield* Machines.MachineBounds).machines
  const { count } = yield* counts.one(
    sql`SELECT count(*)::integer AS count FROM machine_workspaces WHERE workspace_id = ${workspace}`
  )
  if (count >= max) return yield* new Machines.MachinesFull({ what: "machines", max })
})

export const serve = (sql: SqlClient.SqlClient, machine: string, workspace: Identity.WorkspaceId) =>
  sql`INSERT INTO machine_workspaces (machine_id, workspace_id) VALUES (${machine}, ${workspace}) ON CONFLICT DO NOTHING`

/** The owner's machine with this daemon, locked. Joins of one daemon are serialized, also without a row. */
const ofDaemon = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  owner: Identity.UserId,
  daemon: string,
  workspace: Identity.WorkspaceId
) {
  yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${owner} || ${daemon}, 1))`
  return yield* known.first(sql`
    SELECT id, name, daemon_id, labels, drain, EXISTS (
      SELECT FROM machine_workspaces WHERE machine_id = machines.id AND workspace_id = ${workspace}
    ) AS serves_it
    FROM machines WHERE owner_id = ${owner} AND daemon_id = ${daemon}
    FOR UPDATE`)
})

/** The waiting machine takes over what the owner's machine with this daemon had. */
const takeOver = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, waiting: Identity.MachineId, before: Identity.MachineId) {
    yield* sql`
    UPDATE machine_workspaces SET machine_id = ${waiting}
    WHERE machine_id = ${before} AND workspace_id NOT IN (
      SELECT workspace_id FROM machine_workspaces WHERE machine_id = ${waiting}
    )`
    yield* sql`DELETE FROM machines WHERE id = ${before}`
  }
)

const byToken = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  join: Machines.Join,
  token: typeof Token.Type,
  now: number
) {
  const reason = Join.refuseJoin(token, now) ?? (token.machineId === null ? "revoked" : undefined)
  if (reason !== undefined || token.machineId === null) {
    return yield* new Machines.JoinRefused({ reason: reason ?? "revoked" })
  }
  const { machineId, ownerId, workspaceId } = token
  const daemon = cleanWord(join.daemonId)
  yield* sql`UPDATE join_tokens SET used_at = ${now} WHERE hash = ${join.secret}`
  const before = Option.getOrUndefined(yield* ofDaemon(sql, ownerId, daemon, workspaceId))
  if (before !== undefined) yield* takeOver(sql, machineId, before.id)
  yield* sql`
    UPDATE machines SET
      daemon_id = ${daemon},
      name = CASE WHEN name = '' THEN ${before?.name || Store.cleanText(join.name)} ELSE name END,
      labels = CASE WHEN labels = '[]' THEN ${jsonText(before?.labels ?? [])}::jsonb ELSE labels END,
      drain = ${before?.drain == null ? null : jsonText(before.drain)}::jsonb,
      device_info = ${Store.cleanText(join.deviceInfo)},
      joined_at = ${now},
      last_seen_at = ${now}
    WHERE id = ${machineId}`
  return machineId
})

const byKey = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, join: Machines.Join, key: typeof Key.Type, now: number) {
    const reason = Join.refuseJoin(key, now)
    if (reason !== undefined) return yield* new Machines.JoinRefused({ reason })
    const { ephemeral, ownerId, workspaceId } = key
    const daemon = cleanWord(join.daemonId)
    const before = Option.getOrUndefined(yield* ofDaemon(sql, ownerId, daemon, workspaceId))
    if (before?.servesIt !== true) yield* checkRoom(sql, workspaceId)
    yield* sql`UPDATE join_keys SET uses = uses + 1 WHERE id = ${key.id}`
    const id = before?.id ?? Identity.MachineId.make(yield* Uuid.random)
    const labels = jsonText([...new Set([...before?.labels ?? [], ...key.labels])].slice(0, Machine.maxLabels))
    yield* sql`
    INSERT INTO machines (id, owner_id, name, daemon_id, labels, ephemeral, join_key_id, device_info, created_at,
      joined_at, last_seen_at)
    VALUES (${id}, ${ownerId}, ${Store.cleanText(join.name)}, ${daemon}, ${labels}::jsonb, ${ephemeral}, ${key.id},
      ${Store.cleanText(join.deviceInfo)}, ${now}, ${now}, ${now})
    ON CONFLICT (id) DO UPDATE SET
      labels = excluded.labels,
      ephemeral = excluded.ephemeral,
      join_key_id = excluded.join_key_id,
      device_info = excluded.device_info,
      joined_at = excluded.joined_at,
      last_seen_at = excluded.last_seen_at`
    yield* serve(sql, id, workspaceId)
    return id
  }
)

/** Locks the token's or the key's row, so that of several concurrent uses of one token one joins. */
const admit = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, join: Machines.Join, now: number) {
  const token = yield* tokens.first(sql`
    SELECT owner_id, workspace_id, machine_id, expires_at, revoked_at, (used_at IS NOT NULL)::integer AS uses,
      1 AS max_uses, ${isMember(sql, "join_tokens")}
    FROM join_tokens WHERE hash = ${join.secret}
    FOR UPDATE`)
  if (Option.isSome(token)) return yield* byToken(sql, join, token.value, now)
  const key = yield* keys.first(sql`
    SELECT *, ${isMember(sql, "join_keys")} FROM join_keys WHERE hash = ${join.secret} FOR UPDATE`)
  if (Option.isSome(key)) return yield* byKey(sql, join, key.value, now)
  return yield* new Machines.JoinRefused({ reason: "unknown" })
})

/** One complete join, in one transaction. */
export const join = (sql: SqlClient.SqlClient, input: Machines.Join, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const id = yield* admit(sql, input, now)
    yield* sql`DELETE FROM machine_credentials WHERE machine_id = ${id}`
    yield* sql`
      INSERT INTO machine_credentials (hash, machine_id, fingerprint, created_at, expires_at)
      VALUES (${input.credential}, ${id}, ${input.fingerprint}, ${now}, ${input.expiresAt})`
    return yield* machines.one(sql`SELECT ${machineColumns(sql)} FROM machines WHERE id = ${id}`)
  }))
