import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Migration } from "./Migration.ts"
import { free, itemColumns, unchanged, writeItem } from "./TaskItems.ts"

/** In the order of the counts below, which no other index has: so a plan made while the table was empty uses them, too. */
const indexes = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  yield* sql`DROP INDEX tasks_queued_in, tasks_queued_of`
  yield* sql`CREATE INDEX tasks_queued_in ON tasks (workspace_id, id) WHERE status = 'Queued'`
  yield* sql`CREATE INDEX tasks_queued_of ON tasks (key, id) WHERE status = 'Queued' AND key IS NOT NULL`
})

/**
 * `muster_queue_tasks(scopes, items, rows)`: stores each of `rows` in the order of `items` unless a scope of it has `max` queued
 * tasks. A scope is a runtime, a workspace or a key; an item has the positions of its scopes, from 1. The function
 * locks the scopes in their order until its transaction is committed, and counts them after that: so the bounds are exact on any
 * number of replicas. Returns a row for each item that was not stored: the first scope that is full. Replaces
 * `muster_enqueue_tasks`, which earlier replicas still call.
 */
const queue = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_queue_tasks(scopes json, items json, rows json)
    RETURNS TABLE (place integer, full_scope integer)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
      room bigint[];
      one integer;
      refused integer;
      stored uuid[] := '{}';
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('muster-queue ' || kind || ' ' || name, 0))
      FROM ROWS FROM (json_to_recordset(scopes) AS (kind text, name text)) WITH ORDINALITY AS scope
      ORDER BY ordinality;
      SELECT array_agg(
        scope.max - CASE scope.kind
          WHEN 'runtime' THEN (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND runtime_id = scope.name::uuid ORDER BY priority DESC, created_at, id LIMIT scope.max) AS queued)
          WHEN 'workspace' THEN (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND workspace_id = scope.name::uuid ORDER BY id LIMIT scope.max) AS queued)
          ELSE (SELECT count(*) FROM (SELECT FROM tasks WHERE status = 'Queued'
            AND key = scope.name ORDER BY id LIMIT scope.max) AS queued)
        END
        ORDER BY scope.ordinality)
      INTO room
      FROM ROWS FROM (json_to_recordset(scopes) AS (kind text, name text, max bigint)) WITH ORDINALITY AS scope;
      FOR item IN SELECT * FROM json_to_recordset(items) AS item(place integer, id uuid, scopes integer[]) LOOP
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
      INSERT INTO tasks SELECT * FROM json_populate_recordset(NULL::tasks, rows) AS task WHERE task.id = ANY(stored);
    END
  $$`)

/** `muster_write_tasks(items)`: writes records in place of their versions. Returns the places of those written. */
const write = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_write_tasks(items json)
    RETURNS SETOF integer
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
    BEGIN
      FOR item IN SELECT * FROM json_to_recordset(items) AS item(${itemColumns(sql)}) LOOP
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
  Effect.asVoid(sql`CREATE FUNCTION muster_claim_tasks(items json)
    RETURNS TABLE (place integer, took boolean, late boolean, lost boolean, held integer, id uuid, record jsonb, prompt text,
      version integer)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
      served record;
      runtimes uuid[] := '{}';
      users uuid[] := '{}';
      next_deadline bigint;
    BEGIN
      SELECT min(deadline) INTO next_deadline FROM tasks WHERE deadline IS NOT NULL;
      FOR item IN
        SELECT DISTINCT daemon_id FROM json_to_recordset(items) AS item(id uuid, daemon_id text COLLATE "C")
        WHERE id IS NOT NULL ORDER BY daemon_id
      LOOP
        INSERT INTO task_daemons AS daemon (daemon_id, claims) VALUES (item.daemon_id, 1)
        ON CONFLICT (daemon_id) DO UPDATE SET claims = daemon.claims + 1;
      END LOOP;
      FOR item IN
        SELECT * FROM json_to_recordset(items) AS item(
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
        SELECT heads.id, heads.record, heads.prompt, heads.version INTO id, record, prompt, version FROM (
          SELECT DISTINCT ON (t.runtime_id) t.record, t.prompt, t.version, t.priority, t.created_at, t.id
          FROM tasks t LEFT JOIN task_served s ON s.runtime_id = t.runtime_id AND s.user_id = t.by
          WHERE t.runtime_id = ANY(item.runtime_ids) AND t.status = 'Queued' AND t.not_before <= item.now
            AND (t.key IS NULL OR NOT EXISTS (SELECT FROM tasks h WHERE h.key = t.key AND h.active))
            AND t.id <> ALL(item.passed)
          ORDER BY t.runtime_id, t.priority DESC, coalesce(s.turn, 0), t.created_at, t.id
        ) AS heads
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
      FOR served IN
        SELECT DISTINCT runtime_id, user_id FROM unnest(runtimes, users) AS taken(runtime_id, user_id) ORDER BY runtime_id, user_id
      LOOP
        INSERT INTO task_served (runtime_id, user_id, turn) VALUES (served.runtime_id, served.user_id, nextval('task_turns'))
        ON CONFLICT (runtime_id, user_id) DO UPDATE SET turn = excluded.turn;
      END LOOP;
    END
  $$`)

/**
 * The steps of tasks as functions, which find each row by its index whatever statistics there are: a plan made while the table
 * was small scanned it whole, and one that collects rows in a bitmap visited again every dead version of a row.
 */
export const migration24TaskSteps: Migration = {
  id: 24,
  name: "steps of tasks",
  up: (sql) => Effect.forEach([indexes, queue, write, claim], (create) => create(sql), { discard: true })
}
