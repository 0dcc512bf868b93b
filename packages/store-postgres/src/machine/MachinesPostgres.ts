import { type Identity, Join, Machine, Machines, Store, Token, Uuid } from "@muster/domain"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { cleanWord, jsonText } from "../client/CleanText.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import * as Credentials from "./Credentials.ts"
import { checkRoom, join, serve } from "./Joining.ts"
import { joinKeys, machineColumns, machines } from "./MachineRows.ts"

/** The maximum number of machines, and of keys, in a list. */
const max = { machines: 10_000, keys: 1_000 }

const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))
const hashes = rowsOf(Schema.Struct({ hash: Token.TokenHash }))
const drains = rowsOf(Schema.Struct({ drain: Schema.NullOr(Machine.Drain) }))

const add = (sql: SqlClient.SqlClient, input: Machines.NewMachine, id: string, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* checkRoom(sql, input.workspaceId)
    yield* sql`
      INSERT INTO machines (id, owner_id, name, labels, ephemeral, created_at)
      VALUES (${id}, ${input.ownerId}, ${Store.cleanText(input.name)}, ${jsonText(input.labels)}::jsonb, false, ${now})`
    yield* serve(sql, id, input.workspaceId)
    yield* sql`
      INSERT INTO join_tokens (hash, machine_id, owner_id, workspace_id, expires_at)
      VALUES (${input.tokenHash}, ${id}, ${input.ownerId}, ${input.workspaceId}, ${input.expiresAt})`
    return yield* machines.one(sql`SELECT ${machineColumns(sql)} FROM machines WHERE id = ${id}`)
  }))

const createKey = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, input: Machines.NewJoinKey, id: string, now: number) {
    const max = (yield* Machines.MachineBounds).keys
    const { count } = yield* counts.one(sql`
    SELECT count(*)::integer AS count FROM join_keys
    WHERE workspace_id = ${input.workspaceId} AND revoked_at IS NULL AND expires_at > ${now}`)
    if (count >= max) return yield* new Machines.MachinesFull({ what: "keys", max })
    return yield* joinKeys.one(sql`
    INSERT INTO join_keys (id, workspace_id, owner_id, name, hash, prefix, labels, ephemeral, max_uses, expires_at,
      created_at)
    VALUES (${id}, ${input.workspaceId}, ${input.ownerId}, ${
      Store.cleanText(input.name)
    }, ${input.hash}, ${input.prefix},
      ${jsonText(input.labels)}::jsonb, ${input.ephemeral}, ${input.maxUses}, ${input.expiresAt}, ${now})
    RETURNING *`)
  }
)

const keysOf = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) =>
  joinKeys.all(sql`
    SELECT * FROM join_keys WHERE workspace_id = ${workspace} ORDER BY created_at DESC, id LIMIT ${max.keys}`)

const revokeKey = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, id: Machine.JoinKeyId, now: number) =>
  joinKeys.first(sql`
    UPDATE join_keys SET revoked_at = coalesce(revoked_at, ${now})
    WHERE id = ${id} AND workspace_id = ${workspace}
    RETURNING *`)

const find = (sql: SqlClient.SqlClient, id: Identity.MachineId) =>
  machines.first(sql`SELECT ${machineColumns(sql)} FROM machines WHERE id = ${id}`)

const list = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) =>
  machines.all(sql`
    SELECT ${machineColumns(sql)} FROM machines
    JOIN machine_workspaces ON machine_workspaces.machine_id = machines.id
    JOIN members ON members.workspace_id = machine_workspaces.workspace_id AND members.user_id = machines.owner_id
    WHERE machine_workspaces.workspace_id = ${workspace}
    ORDER BY machines.created_at, machines.id
    LIMIT ${max.machines}`)

const drainOf = (
  sql: SqlClient.SqlClient,
  workspace: Identity.WorkspaceId,
  owner: Identity.UserId,
  daemon: Identity.DaemonId
) =>
  Effect.map(
    drains.first(sql`
      SELECT drain FROM machines
      JOIN machine_workspaces ON machine_id = machines.id
      WHERE owner_id = ${owner} AND daemon_id = ${cleanWord(daemon)} AND workspace_id = ${workspace}`),
    Option.flatMap(({ drain }) => Option.fromNullishOr(drain))
  )

const jsonOrNull = (value: Schema.Json | undefined) => value == null ? null : jsonText(value)

const edit = (sql: SqlClient.SqlClient, id: Identity.MachineId, { drain, labels, name }: Machines.MachineEdit) =>
  machines.first(sql`
    UPDATE machines SET
      name = coalesce(${name === undefined ? null : Store.cleanText(name)}, name),
      labels = coalesce(${jsonOrNull(labels)}::jsonb, labels),
      drain = CASE WHEN ${drain !== undefined} THEN ${jsonOrNull(drain)}::jsonb ELSE drain END
    WHERE id = ${id}
    RETURNING ${machineColumns(sql)}`)

const leave = (sql: SqlClient.SqlClient, id: Identity.MachineId, workspace: Identity.WorkspaceId | null, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT id FROM machines WHERE id = ${id} FOR UPDATE`
    const machine = yield* find(sql, id)
    if (Option.isNone(machine)) return Option.none()
    const left = yield* sql`
      DELETE FROM machine_workspaces
      WHERE machine_id = ${id} AND workspace_id = coalesce(${workspace}::uuid, workspace_id)
      RETURNING 1`
    if (left.length === 0 && workspace !== null) return Option.none()
    const { count } = yield* counts.one(
      sql`SELECT count(*)::integer AS count FROM machine_workspaces WHERE machine_id = ${id}`
    )
    if (count > 0) return Option.some({ machine: machine.value, removed: false, ended: [] })
    const ended = yield* hashes.all(sql`SELECT hash FROM machine_credentials WHERE machine_id = ${id}`)
    yield* sql`UPDATE join_tokens SET revoked_at = ${now} WHERE machine_id = ${id} AND expires_at > ${now}`
    yield* sql`DELETE FROM machines WHERE id = ${id}`
    return Option.some({ machine: machine.value, removed: true, ended: ended.map(({ hash }) => hash) })
  }))

const expire = (sql: SqlClient.SqlClient, ephemeralBefore: number, limit: number, now: number) =>
  machines.all(sql`
    WITH doomed AS (
      SELECT id FROM machines
      WHERE (daemon_id IS NULL AND NOT EXISTS (
          SELECT FROM join_tokens WHERE machine_id = machines.id AND expires_at > ${now}
        )) OR (ephemeral AND coalesce(last_seen_at, created_at) < ${ephemeralBefore})
      ORDER BY id
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    ), old_tokens AS (
      DELETE FROM join_tokens WHERE expires_at < ${now - Join.endedJoinRetention}
    ), old_keys AS (
      DELETE FROM join_keys WHERE expires_at < ${now - Join.endedJoinRetention}
    ), old_credentials AS (
      DELETE FROM machine_credentials WHERE expires_at < ${now - Join.endedJoinRetention}
    )
    DELETE FROM machines USING doomed WHERE machines.id = doomed.id
    RETURNING ${machineColumns(sql)}`)

const make = (sql: SqlClient.SqlClient) =>
  Machines.Machines.of({
    add: (input) =>
      asOperationNow("Machines.add", (now) => Effect.flatMap(Uuid.random, (id) => add(sql, input, id, now))),
    createKey: (input) =>
      asOperationNow(
        "Machines.createKey",
        (now) => Effect.flatMap(Uuid.random, (id) => createKey(sql, input, id, now))
      ),
    keys: (workspace) => asOperation("Machines.keys")(keysOf(sql, workspace)),
    revokeKey: (workspace, id) => asOperationNow("Machines.revokeKey", (now) => revokeKey(sql, workspace, id, now)),
    join: (input) => asOperationNow("Machines.join", (now) => join(sql, input, now)),
    authenticate: (hash) => asOperationNow("Machines.authenticate", (now) => Credentials.authenticate(sql, hash, now)),
    ended: (hashes) =>
      hashes.length === 0
        ? Effect.succeed([])
        : asOperationNow("Machines.ended", (now) => Credentials.ended(sql, hashes, now)),
    renew: (old, next) => asOperationNow("Machines.renew", (now) => Credentials.renew(sql, old, next, now)),
    touch: (hashes, at) =>
      hashes.length === 0 ? Effect.void : asOperation("Machines.touch")(Credentials.touch(sql, hashes, at)),
    find: (id) => asOperation("Machines.find")(find(sql, id)),
    list: (workspace) => asOperation("Machines.list")(list(sql, workspace)),
    drainOf: (workspace, owner, daemon) => asOperation("Machines.drainOf")(drainOf(sql, workspace, owner, daemon)),
    edit: (id, change) => asOperation("Machines.edit")(edit(sql, id, change)),
    leave: (id, workspace) => asOperationNow("Machines.leave", (now) => leave(sql, id, workspace, now)),
    expire: (before, limit) => asOperationNow("Machines.expire", (now) => expire(sql, before, limit, now))
  })

/** Machines and their credentials in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const MachinesPostgres = { layer: Layer.effect(Machines.Machines, Effect.map(SqlClient.SqlClient, make)) }
