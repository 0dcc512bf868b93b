import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"
import { derived, recordOf, type Versioned } from "./TaskRow.ts"

const written = rowsOf(Schema.Struct({ place: Schema.Finite }))

/** What a statement gets of each record, as `json` has it. */
export const itemOf = ({ task, version }: Versioned, place: number) => {
  const { active, daemonId, deadline, due, endedAt, epoch, notBefore, status, tokenHash } = derived(task)
  return {
    place,
    id: task.id,
    version,
    daemon_id: daemonId,
    status,
    active,
    epoch,
    not_before: notBefore,
    due,
    deadline,
    ended_at: endedAt,
    token_hash: tokenHash,
    record: recordOf(task)
  }
}

/**
 * Writes records in place of their versions, in one statement. Answers of each whether it was written; one that was not may
 * have changed, or another statement has locked it: this one waits for no lock, so a locked task does not delay the others.
 */
export const writeTasks = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, changes: ReadonlyArray<Versioned>) {
  const rows = yield* written.all(sql`
    SELECT place FROM muster_write_tasks(${JSON.stringify(changes.map(itemOf))}::jsonb) AS place`)
  const places = new Set(rows.map(({ place }) => place))
  return changes.map((_, place) => places.has(place))
})
