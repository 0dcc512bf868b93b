import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * `muster_claim_requests(runtimes, items)`: for each item in order, takes up to `most` of a kind of a runtime, oldest
 * first: pending ones, and those whose redelivery is due. The same statement closes all that are past their limit.
 * Returns the rows as they run now, each with its item's `place`, in no order.
 */
export const claimRequests = (sql: SqlClient.SqlClient) =>
  Effect.asVoid(sql`CREATE FUNCTION muster_claim_requests(runtimes text[], items json)
    RETURNS TABLE (place integer, claimed requests)
    LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    #variable_conflict use_column
    DECLARE
      item record;
    BEGIN
      PERFORM muster_lock_runtimes(runtimes);
      FOR item IN
        SELECT * FROM json_to_recordset(items) AS item(
          place integer, runtime_id uuid, kind text, most integer, now bigint
        )
      LOOP
        RETURN QUERY
        WITH dead AS (
          UPDATE requests SET open = false
          WHERE runtime_id = item.runtime_id AND kind = item.kind AND open AND limit_at < item.now
        ), taken AS (
          SELECT id FROM requests
          WHERE runtime_id = item.runtime_id AND kind = item.kind AND open
            AND limit_at >= item.now AND due_at < item.now
          ORDER BY seq LIMIT item.most
          FOR UPDATE SKIP LOCKED
        )
        UPDATE requests SET
          deliveries = deliveries + 1,
          started_at = coalesce(started_at, item.now),
          delivered_at = item.now,
          limit_at = coalesce(started_at, item.now) + running,
          due_at = CASE WHEN deliveries + 1 < most_deliveries THEN item.now + redeliver_after END
        FROM taken WHERE requests.id = taken.id
        RETURNING item.place, requests;
      END LOOP;
    END
  $$`)
