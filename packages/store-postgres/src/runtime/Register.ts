import { Identity, type Registration, Runtime, RuntimeRegistry, Store, StoreBounds, Uuid } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { cleanWord, jsonText } from "../client/CleanText.ts"
import { rowsOf } from "../client/Rows.ts"
import { runtimes } from "./RuntimeRows.ts"

const owners = rowsOf(Schema.Struct({ ownerId: Identity.UserId }))

/** A registration as the table takes it. */
const cleaned = (registration: Registration.Registration) => {
  const daemon = cleanWord(registration.daemonId)
  const legacy = registration.legacyDaemonIds.map((id) => Store.cleanText(id).trim().toLowerCase()).filter((id) =>
    id !== ""
  )
  const providers = registration.runtimes.map(({ provider }) => cleanWord(provider))
  return { daemon, legacy: [...new Set(legacy)], providers }
}

/** Of several entries with one provider the last one counts, as if they were registered in order. */
const entriesOf = (runtimes: ReadonlyArray<Registration.RegisteredRuntime>) =>
  Effect.forEach(
    new Map(runtimes.map((entry) => [cleanWord(entry.provider), entry])),
    ([provider, entry]) =>
      Effect.map(Uuid.random, (id) => ({
        id,
        provider,
        name: entry.name,
        status: entry.status,
        device_info: entry.deviceInfo,
        metadata: entry.metadata
      }))
  )

/** Whether a person is a member, who stays one until the transaction ends. */
export const isMember = (sql: SqlClient.SqlClient, user: string, workspace: string) =>
  Effect.map(
    sql`SELECT 1 FROM members WHERE user_id = ${user} AND workspace_id = ${workspace} FOR KEY SHARE`,
    (rows) => rows.length > 0
  )

/**
 * Registrations of the same daemon are serialized, and then lock existing rows in the order of their ids, as every
 * other bulk write does. So they cannot deadlock.
 */
export const takeTurns = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  workspace: string,
  { daemon, legacy }: { readonly daemon: string; readonly legacy: ReadonlyArray<string> }
) {
  const daemons = jsonText([daemon.toLowerCase(), ...legacy])
  yield* sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended(${workspace} || daemon, 0) AS key
      FROM jsonb_array_elements_text(${daemons}::jsonb) AS daemon
      ORDER BY key
    ) AS keys`
  yield* sql`
    SELECT id FROM runtimes
    WHERE workspace_id = ${workspace} AND lower(daemon_id) IN (
      SELECT lower(daemon) FROM jsonb_array_elements_text(${daemons}::jsonb) AS daemon
    )
    ORDER BY id
    FOR UPDATE`
})

/**
 * Writes nothing if a row of this daemon belongs to another person, and fewer rows than entries if one was added
 * meanwhile: `mayRegister`, checked in the write. Without a person (a daemon token) every owner is accepted, and new
 * rows get the owner of the daemon's other ones.
 */
const upsert = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { ephemeral = false, owner, runtimes: entries, timezone, workspaceId }: Registration.Registration,
  daemon: string,
  now: number
) {
  return yield* runtimes.all(sql`
    INSERT INTO runtimes (id, workspace_id, daemon_id, name, runtime_mode, provider, status, device_info, metadata,
      owner_id, visibility, timezone, last_seen_at, created_at, updated_at, ephemeral)
    SELECT id, ${workspaceId}, ${daemon}, name, 'local', provider, status, device_info, metadata,
      coalesce(${owner}::uuid, of_daemon.owner_id), 'private', ${
    Store.cleanText(timezone)
  }, ${now}, ${now}, ${now}, ${ephemeral}::boolean
    FROM jsonb_to_recordset(${jsonText(yield* entriesOf(entries))}::jsonb)
      AS entry(id uuid, provider text, name text, status text, device_info text, metadata jsonb)
    LEFT JOIN LATERAL (
      SELECT owner_id FROM runtimes
      WHERE workspace_id = ${workspaceId} AND daemon_id = ${daemon} AND owner_id IS NOT NULL
      ORDER BY created_at, id
      LIMIT 1
    ) AS of_daemon ON true
    WHERE NOT EXISTS (
      SELECT FROM runtimes
      WHERE workspace_id = ${workspaceId} AND daemon_id = ${daemon} AND owner_id <> ${owner}::uuid
    )
    ORDER BY provider
    ON CONFLICT (workspace_id, daemon_id, provider) DO UPDATE SET
      name = CASE WHEN runtimes.named_by_person THEN runtimes.name ELSE excluded.name END,
      runtime_mode = excluded.runtime_mode,
      status = excluded.status,
      device_info = excluded.device_info,
      metadata = excluded.metadata,
      owner_id = coalesce(${owner}::uuid, runtimes.owner_id, excluded.owner_id),
      last_seen_at = excluded.last_seen_at,
      updated_at = excluded.updated_at,
      ephemeral = excluded.ephemeral
    WHERE ${owner}::uuid IS NULL OR runtimes.owner_id IS NULL OR runtimes.owner_id = ${owner}::uuid
    RETURNING *`)
})

/** The owner of the rows that refused the upsert; the transaction is rolled back, and with it what was written. */
const refuse = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { daemonId, owner, workspaceId }: Registration.Registration,
  daemon: string
) {
  const other = yield* owners.first(sql`
    SELECT owner_id FROM runtimes
    WHERE workspace_id = ${workspaceId} AND daemon_id = ${daemon} AND owner_id <> ${owner}::uuid
    ORDER BY created_at, id
    LIMIT 1`)
  if (Option.isNone(other)) return yield* Effect.die(new Error("a registration wrote too few rows"))
  return yield* new RuntimeRegistry.DaemonOfAnother({ daemonId, ownerId: other.value.ownerId })
})

const dropped = rowsOf(Schema.Struct({ id: Runtime.RuntimeId, provider: Schema.String }))

/**
 * Removes rows of the same daemon's older ids without a tombstone, for the providers that it registers now: rows of the
 * person who registers and rows without an owner (`mayMerge`). Returns what was merged.
 */
const dropLegacy = (
  sql: SqlClient.SqlClient,
  { owner, workspaceId }: Registration.Registration,
  legacy: ReadonlyArray<string>,
  kept: ReadonlyArray<Runtime.Runtime>
) =>
  Effect.map(
    dropped.all(sql`
    DELETE FROM runtimes
    WHERE workspace_id = ${workspaceId}
      AND (owner_id IS NULL OR owner_id = ${owner}::uuid)
      AND lower(daemon_id) IN (SELECT lower(daemon) FROM jsonb_array_elements_text(${
      jsonText(legacy)
    }::jsonb) AS daemon)
      AND provider IN (
        SELECT jsonb_array_elements_text(${jsonText(kept.map(({ provider }) => provider))}::jsonb)
      )
      AND id <> ALL(${arrayOf(kept.map(({ id }) => id))}::uuid[])
    RETURNING id, provider`),
    (rows): RuntimeRegistry.Registered["merged"] => {
      const heirs = new Map(kept.map((row) => [row.provider, row.id]))
      return rows.map(({ id, provider }) => ({ from: id, into: heirs.get(provider)! }))
    }
  )

const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))

/** Rolls the transaction back if it made rows and there are too many now. */
const checkRoom = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  workspace: string,
  rows: ReadonlyArray<Runtime.Runtime>
) {
  if (!rows.some(({ createdAt, updatedAt }) => createdAt === updatedAt)) return
  const max = (yield* StoreBounds.StoreBounds).runtimes
  const { count } = yield* counts.one(
    sql`SELECT count(*)::integer AS count FROM runtimes WHERE workspace_id = ${workspace}`
  )
  if (count > max) return yield* new RuntimeRegistry.RuntimesFull({ max })
})

/** One complete registration, in one transaction. */
export const register = (sql: SqlClient.SqlClient, registration: Registration.Registration, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { workspaceId } = registration
    const words = cleaned(registration)
    const there = yield* sql`SELECT 1 FROM workspaces WHERE id = ${workspaceId} FOR KEY SHARE`
    const { owner } = registration
    const isWelcome = there.length > 0 && (owner === null || (yield* isMember(sql, owner, workspaceId)))
    if (!isWelcome) return yield* new RuntimeRegistry.WorkspaceAbsent({ workspaceId })
    yield* takeTurns(sql, workspaceId, words)
    const rows = yield* upsert(sql, registration, words.daemon, now)
    if (rows.length < new Set(words.providers).size) return yield* refuse(sql, registration, words.daemon)
    const merged = words.legacy.length > 0 ? yield* dropLegacy(sql, registration, words.legacy, rows) : []
    yield* checkRoom(sql, workspaceId, rows)
    const byProvider = new Map(rows.map((row) => [row.provider, row]))
    return { runtimes: words.providers.flatMap((provider) => byProvider.get(provider) ?? []), merged }
  }))
