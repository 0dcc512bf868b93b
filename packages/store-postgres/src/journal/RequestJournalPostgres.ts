import { type Identity, type Request, RequestJournal, type Runtime } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { writeNotes } from "./WriteNotes.ts"

const entries = rowsOf(RequestJournal.JournalEntry)
const presence = rowsOf(RequestJournal.Presence)

/** A note that was written twice is in it twice. */
const tidy = (entry: RequestJournal.JournalEntry): RequestJournal.JournalEntry =>
  RequestJournal.mergeEntries(entry, entry)

const recent = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, max: number) =>
  Effect.map(
    entries.all(sql`
      SELECT * FROM request_journal WHERE workspace_id = ${workspace} ORDER BY created_at DESC, id DESC LIMIT ${max}`),
    (rows) => rows.map(tidy)
  )

const find = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, id: Request.RequestId) =>
  Effect.map(
    entries.first(sql`SELECT * FROM request_journal WHERE id = ${id} AND workspace_id = ${workspace}`),
    Option.map(tidy)
  )

const heard = (sql: SqlClient.SqlClient, runtime: Runtime.RuntimeId) =>
  presence.first(sql`SELECT * FROM runtime_whereabouts WHERE runtime_id = ${runtime}`)

/** The journal of requests in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const RequestJournalPostgres = {
  layer: Layer.effect(
    RequestJournal.RequestJournal,
    Effect.map(SqlClient.SqlClient, (sql) =>
      RequestJournal.RequestJournal.of({
        write: (notes) => asOperation("RequestJournal.write")(writeNotes(sql, notes)),
        recent: (workspace, max) => asOperation("RequestJournal.recent")(recent(sql, workspace, max)),
        find: (workspace, id) => asOperation("RequestJournal.find")(find(sql, workspace, id)),
        heard: (runtime) => asOperation("RequestJournal.heard")(heard(sql, runtime))
      }))
  )
}
