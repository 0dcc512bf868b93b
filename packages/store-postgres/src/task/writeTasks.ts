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

/** The items of `itemOf` as rows, with more columns. */
const itemRows = (sql: SqlClient.SqlClient, items: ReadonlyArray<object>) =>
  sql`json_to_recordset(${JSON.stringify(items)}::json) AS item(
    place integer, id uuid, version integer, daemon_id text, status text, active boolean, epoch integer, not_before bigint,
    due bigint, deadline bigint, ended_at bigint, token_hash text, record jsonb,
    runtime_id uuid, by uuid, claims integer)`

/** Writes what an item has into its task. */
const assignItem = (sql: SqlClient.SqlClient) =>
  sql`
    record = item.record, version = task.version + 1, daemon_id = item.daemon_id, status = item.status,
    active = item.active, epoch = item.epoch, not_before = item.not_before, due = item.due, deadline = item.deadline,
    ended_at = item.ended_at, token_hash = item.token_hash`

/**
 * Writes records in place of their versions, in one statement. Answers of each whether it was written; one that was not may
 * have changed, or another statement has locked it: this one waits for no lock, so a locked task does not delay the others.
 */
export const writeTasks = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, changes: ReadonlyArray<Versioned>) {
  const rows = yield* written.all(sql`
    WITH items AS MATERIALIZED (SELECT * FROM ${itemRows(sql, changes.map(itemOf))}), free AS MATERIALIZED (
      SELECT task.id FROM tasks task WHERE task.id IN (SELECT id FROM items) FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE tasks task SET ${assignItem(sql)}
    FROM items item JOIN free ON free.id = item.id
    WHERE task.id = free.id AND task.version = item.version
    RETURNING item.place`)
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
    return { ...itemOf(versioned, place), runtime_id: runtimeId, by, claims }
  })
  const rows = yield* written.all(sql`
    WITH items AS MATERIALIZED (SELECT * FROM ${itemRows(sql, items)}), counted AS (
      INSERT INTO task_daemons AS daemon (daemon_id, claims)
      SELECT daemon_id, claims + 1 FROM items ORDER BY daemon_id COLLATE "C"
      ON CONFLICT (daemon_id) DO UPDATE SET claims = excluded.claims WHERE daemon.claims = excluded.claims - 1
      RETURNING daemon_id
    ), free AS MATERIALIZED (
      SELECT task.id FROM tasks task
      WHERE task.id IN (SELECT id FROM items JOIN counted USING (daemon_id)) FOR NO KEY UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE tasks task SET ${assignItem(sql)}
      FROM items item JOIN free ON free.id = item.id JOIN counted ON counted.daemon_id = item.daemon_id
      WHERE task.id = free.id AND task.version = item.version
      RETURNING item.place, item.runtime_id, item.by
    ), turns AS (
      INSERT INTO task_served (runtime_id, user_id, turn)
      SELECT runtime_id, by, nextval('task_turns') FROM (SELECT DISTINCT runtime_id, by FROM taken) AS served
      ORDER BY runtime_id, by
      ON CONFLICT (runtime_id, user_id) DO UPDATE SET turn = excluded.turn
    )
    SELECT place FROM taken`)
  const places = new Set(rows.map(({ place }) => place))
  return takings.map((_, place) => places.has(place))
})
