import { RequestJournal } from "@muster/domain"
import { Effect, type Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"

const json = (rows: ReadonlyArray<unknown>) => jsonText(rows as Schema.Json)

/** All notes of a batch, and the removal of old ones, in one statement. */
export const writeNotes = (sql: SqlClient.SqlClient, { entries, heard }: RequestJournal.JournalNotes) =>
  Effect.asVoid(sql`
    WITH notes AS (
      SELECT note.* FROM jsonb_to_recordset(${json(entries)}::jsonb) AS note(
        id text, "workspaceId" uuid, "runtimeId" uuid, "runtimeName" text, kind text, "by" uuid, "createdAt" bigint, "createdOn" text,
        deliveries jsonb, "end" jsonb)
      JOIN workspaces ON workspaces.id = note."workspaceId"
    ), written AS (
      INSERT INTO request_journal AS known
        (id, workspace_id, runtime_id, runtime_name, kind, "by", created_at, created_on, deliveries, "end")
      SELECT id, "workspaceId", "runtimeId", "runtimeName", kind, "by", "createdAt", "createdOn", deliveries, nullif("end", 'null')
      FROM notes ORDER BY id
      ON CONFLICT (id) DO UPDATE SET
        runtime_name = coalesce(known.runtime_name, excluded.runtime_name),
        created_on = coalesce(known.created_on, excluded.created_on),
        deliveries = known.deliveries || excluded.deliveries,
        "end" = coalesce(known."end", excluded."end")
    ), heard AS (
      INSERT INTO runtime_whereabouts AS known (runtime_id, "on", via, since)
      SELECT note."runtimeId", note."on", note.via, note.since
      FROM jsonb_to_recordset(${json(heard)}::jsonb) AS note("runtimeId" uuid, "on" text, via text, since bigint)
      JOIN runtimes ON runtimes.id = note."runtimeId" ORDER BY 1
      ON CONFLICT (runtime_id) DO UPDATE SET "on" = excluded."on", via = excluded.via, since = excluded.since
      WHERE excluded.since >= known.since AND (excluded.via IS NOT NULL OR excluded."on" = known."on")
    )
    DELETE FROM request_journal WHERE id IN (
      SELECT old.id FROM (SELECT DISTINCT "workspaceId" FROM notes) AS touched, LATERAL (
        SELECT id FROM request_journal WHERE workspace_id = touched."workspaceId"
        ORDER BY created_at DESC, id DESC OFFSET ${RequestJournal.maxJournal}
      ) AS old
    ) AND id NOT IN (SELECT id FROM notes)`)
