import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * The start of every function that writes requests: it takes the locks of its runtimes, in one order, and holds them
 * until its transaction is committed and visible. So writers of one runtime are serialized; each statement of a
 * function sees what was committed before it, so a writer sees all that the one before it wrote.
 */
const lockRuntimes = (sql: SqlClient.SqlClient) =>
  sql`CREATE FUNCTION muster_lock_runtimes(runtimes text[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(1836412531, key)
      FROM (SELECT DISTINCT hashtext(runtime) AS key FROM unnest(runtimes) AS runtime ORDER BY 1) AS keys;
    END
  $$`

/** Removes what is past its retention at `now`, oldest first, at most this many; what lives longer is checked later. */
const sweepRequests = (sql: SqlClient.SqlClient) =>
  sql`CREATE FUNCTION muster_sweep_requests(now bigint, most integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      WITH due AS (
        SELECT id, retention + CASE WHEN outcome IS NULL THEN limit_at ELSE settled_at END AS expiry
        FROM requests
        WHERE sweep_at < now
        ORDER BY sweep_at LIMIT most
        FOR UPDATE SKIP LOCKED
      ), later AS (
        UPDATE requests SET sweep_at = expiry FROM due WHERE requests.id = due.id AND expiry >= now
      )
      DELETE FROM requests USING due WHERE requests.id = due.id AND expiry < now;
    END
  $$`

/**
 * `muster_create_requests(runtimes, items, sweep)`: makes each of `items` in order unless its admission refuses it, and
 * sweeps at most `sweep` rows. An item has `most` if several may wait, and none if only one may be unfinished. Returns
 * a row for each item that was not made: the unfinished request that `stands` in its place, or no request if too many
 * wait.
 */
const create = (sql: SqlClient.SqlClient) =>
  sql`CREATE FUNCTION muster_create_requests(runtimes text[], items json, sweep integer)
    RETURNS TABLE (place integer, stands requests)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
      overdue bigint;
      waiting bigint;
      unfinished bigint;
      latest bigint := 0;
    BEGIN
      PERFORM muster_lock_runtimes(runtimes);
      FOR item IN
        SELECT * FROM json_to_recordset(items) AS item(
          place integer, id uuid, runtime_id uuid, kind text, most bigint, now bigint, pending bigint, running bigint,
          retention bigint, redeliver_after bigint, deliveries integer, asked_by uuid, payload text, terms text
        )
      LOOP
        latest := greatest(latest, item.now);
        SELECT count(*) FILTER (WHERE limit_at < item.now),
          count(*) FILTER (WHERE limit_at >= item.now),
          count(*) FILTER (WHERE limit_at >= item.now AND deliveries = 0)
        INTO overdue, unfinished, waiting
        FROM requests WHERE runtime_id = item.runtime_id AND kind = item.kind AND open;
        IF overdue > 0 THEN
          UPDATE requests SET open = false
          WHERE runtime_id = item.runtime_id AND kind = item.kind AND open AND limit_at < item.now;
        END IF;
        IF item.most IS NULL AND unfinished > 0 THEN
          RETURN QUERY SELECT item.place, requests FROM requests
          WHERE runtime_id = item.runtime_id AND kind = item.kind AND open
          ORDER BY seq LIMIT 1;
        ELSIF waiting >= item.most THEN
          RETURN QUERY SELECT item.place, null::requests;
        ELSE
          INSERT INTO requests (
            id, runtime_id, kind, created_at, limit_at, sweep_at, running, retention, redeliver_after, most_deliveries,
            asked_by, payload, terms
          ) VALUES (
            item.id, item.runtime_id, item.kind, item.now, item.now + item.pending,
            item.now + item.pending + item.retention, item.running, item.retention, item.redeliver_after,
            item.deliveries, item.asked_by, item.payload, item.terms
          );
        END IF;
      END LOOP;
      PERFORM muster_sweep_requests(latest, sweep);
    END
  $$`

/** The functions that make and remove requests. */
export const createRequests = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  yield* lockRuntimes(sql)
  yield* sweepRequests(sql)
  yield* create(sql)
})
