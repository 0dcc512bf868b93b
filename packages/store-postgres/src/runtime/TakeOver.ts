import type { Identity, Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { isMember, takeTurns } from "./Register.ts"
import { runtimes } from "./RuntimeRows.ts"

/** Makes `by` the owner of a runtime and of all others of its daemon, serialized with the daemon's registrations. */
export const takeOver = (sql: SqlClient.SqlClient, id: Runtime.RuntimeId, by: Identity.UserId, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const found = yield* runtimes.first(sql`SELECT * FROM runtimes WHERE id = ${id}`)
    if (Option.isNone(found)) return []
    const { daemonId, workspaceId } = found.value
    if (!(yield* isMember(sql, by, workspaceId))) return []
    if (daemonId !== null) yield* takeTurns(sql, workspaceId, { daemon: daemonId, legacy: [] })
    const rows = yield* runtimes.all(sql`
      UPDATE runtimes SET owner_id = ${by}, updated_at = ${now}
      WHERE id = ${id} OR (workspace_id = ${workspaceId} AND daemon_id = ${daemonId})
      RETURNING *`)
    // It may have been deleted meanwhile; the remaining rows of the daemon get the new owner.
    return rows.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  }))
