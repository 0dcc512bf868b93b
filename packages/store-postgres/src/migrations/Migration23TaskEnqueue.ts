import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/**
 * `muster_enqueue_tasks(scopes, items)`: stores each of `items` in order unless a scope of it has `max` queued tasks. A
 * scope is a runtime, a workspace or a key; an item has the positions of its scopes, from 1. The function locks the scopes in
 * their order until its transaction is committed, and counts each after it is locked: so the bounds are exact on any number
 * of replicas. The count is planned each time: a plan made while the table was empty may use the index of another scope.
 * Returns a row for each item that was not stored: the first scope that is full.
 */
export const migration23TaskEnqueue: Migration = {
  id: 23,
  name: "enqueue of tasks",
  up: (sql) =>
    Effect.asVoid(sql`CREATE FUNCTION muster_enqueue_tasks(scopes json, items json)
      RETURNS TABLE (place integer, full_scope integer)
      LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
      #variable_conflict use_column
      DECLARE
        scope record;
        item record;
        queued bigint;
        room bigint[] := '{}';
        one integer;
        refused integer;
      BEGIN
        FOR scope IN SELECT * FROM json_to_recordset(scopes) AS scope(kind text, name text, max bigint) LOOP
          PERFORM pg_advisory_xact_lock(hashtextextended('muster-queue ' || scope.kind || ' ' || scope.name, 0));
          EXECUTE 'SELECT count(*) FROM (SELECT FROM tasks WHERE status = ''Queued'' AND '
            || CASE scope.kind
              WHEN 'runtime' THEN 'runtime_id = $1::uuid'
              WHEN 'workspace' THEN 'workspace_id = $1::uuid'
              WHEN 'key' THEN 'key = $1'
            END || ' LIMIT $2) AS counted'
          INTO queued USING scope.name, scope.max;
          room := room || (scope.max - queued);
        END LOOP;
        FOR item IN
          SELECT * FROM json_to_recordset(items) AS item(place integer, task tasks, scopes integer[])
        LOOP
          refused := NULL;
          FOREACH one IN ARRAY item.scopes LOOP
            IF refused IS NULL AND room[one] <= 0 THEN refused := one; END IF;
          END LOOP;
          IF refused IS NOT NULL THEN
            RETURN QUERY SELECT item.place, refused;
          ELSE
            INSERT INTO tasks SELECT (item.task).*;
            FOREACH one IN ARRAY item.scopes LOOP room[one] := room[one] - 1; END LOOP;
          END IF;
        END LOOP;
      END
    $$`)
}
