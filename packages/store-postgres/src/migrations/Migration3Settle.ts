import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * `muster_settle_requests(runtimes, items)`: for each item in order, writes the outcome if the request is unfinished
 * and within its limit, and closes it if the limit has passed: from then on it is timed out for every node, whatever
 * its clock. An item without an outcome only does the latter. Returns a row for each item whose request exists, past
 * its retention or not, and whether this item settled it.
 */
export const settleRequests = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_settle_requests(runtimes text[], items json)
    RETURNS TABLE (place integer, won boolean, final requests)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
    BEGIN
      PERFORM muster_lock_runtimes(runtimes);
      FOR item IN
        SELECT * FROM json_to_recordset(items) AS item(
          place integer, id uuid, runtime_id uuid, outcome text, now bigint
        )
      LOOP
        RETURN QUERY
        UPDATE requests SET open = false, outcome = item.outcome, settled_at = item.now
        WHERE id = item.id AND runtime_id = item.runtime_id AND open AND limit_at >= item.now
          AND item.outcome IS NOT NULL
        RETURNING item.place, true, requests;
        IF NOT FOUND THEN
          UPDATE requests SET open = false
          WHERE id = item.id AND runtime_id = item.runtime_id AND open AND limit_at < item.now;
          RETURN QUERY SELECT item.place, false, requests FROM requests
          WHERE id = item.id AND runtime_id = item.runtime_id;
        END IF;
      END LOOP;
    END
  $$`)
