import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"
import { derived, recordOf, type Versioned } from "./TaskRow.ts"

const written = rowsOf(Schema.Struct({ place: Schema.Finite }))

/** What a statement gets of each record, as `json` has it. */
const itemOf = ({ task, version }: Versioned, place: number) => {
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
    SELECT place FROM muster_write_tasks(${JSON.stringify(changes.map(itemOf))}::json) AS place`)
  const places = new Set(rows.map(({ place }) => place))
  return changes.map((_, place) => places.has(place))
})

/** A claimed task, and how many claims its daemon had when its tasks were counted. */
export interface Taking extends Versioned {
  readonly claims: number
}

/**
 * Writes claimed tasks in place of their versions, and the turns of their people, in one statement. A task is left out if another
 * claim of its daemon came since its tasks were counted, and for the reasons of `writeTasks`. No two may have one key.
 */
export const takeTasks = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, takings: ReadonlyArray<Taking>) {
  // Two of one daemon counted the same tasks: only the first may take.
  const first = new Map(takings.map((taking, place) => [taking.task.daemonId, place] as const).toReversed())
  const items = [...first.values()].map((place) => {
    const { claims, ...versioned } = takings[place]!
    const { by, runtimeId } = versioned.task
    return { ...itemOf(versioned, place), runtime_id: runtimeId, user_id: by, claims }
  })
  const rows = yield* written.all(sql`SELECT place FROM muster_take_tasks(${JSON.stringify(items)}::json) AS place`)
  const places = new Set(rows.map(({ place }) => place))
  return takings.map((_, place) => places.has(place))
})
