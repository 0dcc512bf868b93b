import { type Identity, type Runtime, RuntimeRegistry, Store } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { beaten } from "./Beaten.ts"
import { noteCli } from "./NoteCli.ts"
import { register } from "./Register.ts"
import { goneOf, runtimes, tombstones } from "./RuntimeRows.ts"
import * as Silence from "./Silence.ts"
import { takeOver } from "./TakeOver.ts"

/** The maximum number of runtimes in a list. */
const max = 10_000

/** Ids are never used again, so a missing row stays missing: the reason can be read afterwards. */
const find = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, id: Runtime.RuntimeId) {
  const row = yield* runtimes.first(sql`SELECT * FROM runtimes WHERE id = ${id}`)
  if (Option.isSome(row)) return { _tag: "Found" as const, runtime: row.value }
  const tombstone = yield* tombstones.first(sql`SELECT * FROM runtime_tombstones WHERE runtime_id = ${id}`)
  return Option.match(tombstone, { onNone: () => RuntimeRegistry.gone.unknown, onSome: goneOf })
})

const rows = (sql: SqlClient.SqlClient, ids: ReadonlyArray<Runtime.RuntimeId>) =>
  runtimes.all(sql`SELECT * FROM runtimes WHERE id = ANY(${arrayOf(ids)}::uuid[])`)

const list = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) =>
  runtimes.all(sql`
    SELECT * FROM runtimes WHERE workspace_id = ${workspace} ORDER BY created_at, id LIMIT ${max}`)

const cleanOrNull = (text: string | undefined) => text === undefined ? null : Store.cleanText(text)

const edit = (
  sql: SqlClient.SqlClient,
  id: Runtime.RuntimeId,
  { defaultModel, name, timezone, visibility }: RuntimeRegistry.RuntimeEdit,
  now: number
) =>
  runtimes.first(sql`
    UPDATE runtimes SET
      timezone = coalesce(${cleanOrNull(timezone)}, timezone),
      visibility = coalesce(${visibility ?? null}, visibility),
      name = coalesce(${cleanOrNull(name)}, name),
      named_by_person = named_by_person OR ${name !== undefined},
      default_model = CASE WHEN ${defaultModel !== undefined}
        THEN ${cleanOrNull(defaultModel ?? undefined)} ELSE default_model END,
      updated_at = ${now}
    WHERE id = ${id}
    RETURNING *`)

const remove = (sql: SqlClient.SqlClient, id: Runtime.RuntimeId, by: Identity.UserId | null, now: number) =>
  Effect.map(
    sql`
      WITH removed AS (DELETE FROM runtimes WHERE id = ${id} RETURNING id, workspace_id)
      INSERT INTO runtime_tombstones (runtime_id, workspace_id, reason, removed_by, removed_at)
      SELECT id, workspace_id, 'deleted', ${by}::uuid, ${now} FROM removed
      RETURNING runtime_id`,
    (rows) => rows.length > 0
  )

const make = (sql: SqlClient.SqlClient) =>
  RuntimeRegistry.RuntimeRegistry.of({
    register: (registration) => asOperationNow("RuntimeRegistry.register", (now) => register(sql, registration, now)),
    takeOver: (id, by) => asOperationNow("RuntimeRegistry.takeOver", (now) => takeOver(sql, id, by, now)),
    find: (id) => asOperation("RuntimeRegistry.find")(find(sql, id)),
    rows: (ids) => asOperation("RuntimeRegistry.rows")(rows(sql, ids)),
    list: (workspace) => asOperation("RuntimeRegistry.list")(list(sql, workspace)),
    edit: (id, change) => asOperationNow("RuntimeRegistry.edit", (now) => edit(sql, id, change, now)),
    remove: (id, by) => asOperationNow("RuntimeRegistry.remove", (now) => remove(sql, id, by, now)),
    markOnline: (id, at) => asOperationNow("RuntimeRegistry.markOnline", (now) => Silence.markOnline(sql, id, at, now)),
    beaten: (id, instance) => asOperationNow("RuntimeRegistry.beaten", (now) => beaten(sql, id, instance, now)),
    noteCli: (id, attempt) => asOperation("RuntimeRegistry.noteCli")(noteCli(sql, id, attempt)),
    markOffline: (ids) => asOperationNow("RuntimeRegistry.markOffline", (now) => Silence.markOffline(sql, ids, now)),
    touch: (seen) => asOperation("RuntimeRegistry.touch")(Silence.touch(sql, seen)),
    stale: (before, limit) => asOperation("RuntimeRegistry.stale")(Silence.stale(sql, before, limit)),
    markStale: (ids, before) =>
      asOperationNow("RuntimeRegistry.markStale", (now) => Silence.markStale(sql, ids, before, now)),
    expire: (before, limit, ephemeralBefore = before) =>
      asOperationNow("RuntimeRegistry.expire", (now) => Silence.expire(sql, before, ephemeralBefore, limit, now))
  })

/** The table of runtimes in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const RuntimeRegistryPostgres = {
  layer: Layer.effect(RuntimeRegistry.RuntimeRegistry, Effect.map(SqlClient.SqlClient, make))
}
