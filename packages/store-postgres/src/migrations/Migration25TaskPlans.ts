import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Migration } from "./Migration.ts"
import { free, itemColumns, unchanged, writeItem } from "./TaskItems.ts"

/** In the order of the counts below, which no other index has: the primary key has that of the ones before. */
const indexes = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  yield* sql`DROP INDEX tasks_queued_in, tasks_queued_of`
  yield* sql`CREATE INDEX tasks_queued_in ON tasks (workspace_id, by) WHERE status = 'Queued'`
  yield* sql`CREATE INDEX tasks_queued_of ON tasks (key, by) WHERE status = 'Queued' AND key IS NOT NULL`
})

/**
 * `muster_queue_tasks(scopes, items, rows)`: stores each of `rows` in the order of `items` unless a scope of it has `max` queued
 * tasks. A scope is a runtime, a workspace or a key; an item has the positions of its scopes, from 1. The function
 * locks the scopes in their order until its transaction is committed, and counts them after that: so the bounds are exact on any
 * number of replicas. Returns a row for each item that was not stored: the first scope that is full.
 */
const queue = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_queue_tasks(scopes jsonb, items jsonb, rows jsonb)
    RETURNS TABLE (place integer, full_scope integer)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      item record;
      room bigint[];
      one integer;
      refused integer;
      stored uuid[] := '{}';
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('muster-queue ' || kind || ' ' || name, 0))
      FROM ROWS FROM (jsonb_to_recordset(scopes) AS (kind text, name text)) WITH ORDINALITY AS scope
      ORDER BY ordinality;
      SELECT array_agg(
        scope.max - CASE scope.kind
          WHEN 'runtime' THEN (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND runtime_id = scope.name::uuid ORDER BY priority DESC, created_at, id LIMIT scope.max) AS queued)
          WHEN 'workspace' THEN (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND workspace_id = scope.name::uuid ORDER BY by LIMIT scope.max) AS queued)
          ELSE (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND key = scope.name ORDER BY by LIMIT scope.max) AS queued)
        END
        ORDER BY scope.ordinality)
      INTO room
      FROM ROWS FROM (jsonb_to_recordset(scopes) AS (kind text, name text, max bigint)) WITH ORDINALITY AS scope;
      FOR item IN SELECT * FROM jsonb_to_recordset(items) AS item(place integer, id uuid, scopes integer[]) LOOP
        refused := NULL;
        FOREACH one IN ARRAY item.scopes LOOP
          IF refused IS NULL AND room[one] <= 0 THEN refused := one; END IF;
        END LOOP;
        IF refused IS NOT NULL THEN
          place := item.place;
          full_scope := refused;
          RETURN NEXT;
        ELSE
          stored := stored || item.id;
          FOREACH one IN ARRAY item.scopes LOOP room[one] := room[one] - 1; END LOOP;
        END IF;
      END LOOP;
      INSERT INTO tasks SELECT * FROM jsonb_populate_recordset(NULL::tasks, rows) AS task WHERE task.id = ANY(stored);
    END
  $$`)

/** `muster_write_tasks(items)`: writes records in place of their versions. Returns the places of those written. */
const write = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_write_tasks(items jsonb)
    RETURNS SETOF integer
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      item record;
    BEGIN
      FOR item IN SELECT * FROM jsonb_to_recordset(items) AS item(${itemColumns(sql)}) LOOP
        ${writeItem(sql, free(sql))};
        IF FOUND THEN RETURN NEXT item.place; END IF;
      END LOOP;
    END
  $$`)

/**
 * `muster_claim_tasks(items)`: for each item, takes the task whose claimed record it has, if it has one and that task is the next; else
 * returns what a claim sees: whether the limit of any task has passed, whether a delivery of the daemon was lost, how many tasks it
 * has, and the next task. That is, of each runtime, the first by priority, the turn of its person and age; of these,
 * the first by priority and age. Takes nothing if a delivery was lost, if all slots are taken, or if a limit has passed, unless
 * `is_up_to_date`. Passes over a locked task, unless `waits`. A daemon whose task may be taken is locked before its tasks are
 * counted: its claims together take no more than its slots. Locks the daemons in their order, then tasks, then the turns in their order.
 */
const claim = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_claim_tasks(items jsonb)
    RETURNS TABLE (place integer, took boolean, late boolean, lost boolean, held integer, id uuid, record jsonb, prompt text,
      version integer)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      item record;
      runtimes uuid[] := '{}';
      users uuid[] := '{}';
      next_deadline bigint;
    BEGIN
      SELECT min(deadline) INTO next_deadline FROM tasks WHERE deadline IS NOT NULL;
      PERFORM pg_advisory_xact_lock(hashtextextended('muster-claim ' || daemon_id, 0)) FROM (
        SELECT DISTINCT item ->> 'daemon_id' AS daemon_id FROM jsonb_array_elements(items) AS item
        WHERE item ? 'id' ORDER BY daemon_id
      ) AS daemons;
      FOR item IN
        SELECT * FROM jsonb_to_recordset(items) AS item(
          ${itemColumns(sql)},
          runtime_ids uuid[], passed uuid[], now bigint, slots integer, is_up_to_date boolean, waits boolean,
          runtime_id uuid, user_id uuid
        )
      LOOP
        place := item.place;
        took := false;
        late := coalesce(next_deadline < item.now, false) AND NOT item.is_up_to_date;
        SELECT count(*), coalesce(bool_or(status = 'Dispatched' AND due < item.now AND runtime_id = ANY(item.runtime_ids)
          AND id <> ALL(item.passed)), false)
        INTO held, lost FROM tasks WHERE daemon_id = item.daemon_id AND active;
        SELECT head.id, head.record, head.prompt, head.version INTO id, record, prompt, version
        FROM unnest(item.runtime_ids) AS mine(runtime_id) CROSS JOIN LATERAL (
          SELECT t.record, t.prompt, t.version, t.priority, t.created_at, t.id
          FROM tasks t LEFT JOIN task_served s ON s.runtime_id = t.runtime_id AND s.user_id = t.by
          WHERE t.runtime_id = mine.runtime_id AND t.status = 'Queued' AND t.not_before <= item.now
            AND (t.key IS NULL OR NOT EXISTS (SELECT FROM tasks h WHERE h.key = t.key AND h.active))
            AND t.id <> ALL(item.passed)
          ORDER BY t.priority DESC, coalesce(s.turn, 0), t.created_at, t.id
          LIMIT 1
        ) AS head
        ORDER BY priority DESC, created_at, id
        LIMIT 1;
        IF id = item.id AND version = item.version AND NOT late AND NOT lost AND coalesce(held < item.slots, true) THEN
          IF item.waits THEN
            ${writeItem(sql, unchanged(sql))};
          ELSE
            ${writeItem(sql, free(sql))};
          END IF;
          took := FOUND;
        END IF;
        IF took THEN
          runtimes := runtimes || item.runtime_id;
          users := users || item.user_id;
          record := NULL;
          prompt := NULL;
        END IF;
        RETURN NEXT;
      END LOOP;
      IF runtimes <> '{}' THEN
        INSERT INTO task_served (runtime_id, user_id, turn)
        SELECT runtime_id, user_id, nextval('task_turns') FROM (
          SELECT DISTINCT runtime_id, user_id FROM unnest(runtimes, users) AS taken(runtime_id, user_id)
          ORDER BY runtime_id, user_id
        ) AS taken
        ON CONFLICT (runtime_id, user_id) DO UPDATE SET turn = excluded.turn;
      END IF;
    END
  $$`)

/** Replicas of migration 24 call this one, until they are replaced: claims of both kinds lock the daemons in the same way. */
const earlierClaim = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE OR REPLACE FUNCTION muster_claim_tasks(items json)
    RETURNS TABLE (place integer, took boolean, late boolean, lost boolean, held integer, id uuid, record jsonb, prompt text,
      version integer)
    LANGUAGE sql AS $$ SELECT * FROM muster_claim_tasks(items::jsonb) $$`)

/**
 * The steps of tasks parse their items once, lock a daemon without a row of its own, and keep their plans: the planner finds one for
 * the given runtimes cheaper, and planned each task again, which was half of a claim. So each statement has to find
 * its index while the table is empty.
 */
export const migration25TaskPlans: Migration = {
  id: 25,
  name: "plans of the steps of tasks",
  up: Effect.fnUntraced(function*(sql) {
    yield* Effect.forEach([indexes, queue, write, claim, earlierClaim], (step) => step(sql), { discard: true })
    yield* sql`DROP TABLE task_daemons`
  })
}
