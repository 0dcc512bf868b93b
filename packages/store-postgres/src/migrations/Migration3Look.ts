import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** `muster_get_requests(ids)`: the existing rows, past their retention or not, in no order. Changes nothing. */
const get = (sql: SqlClient.SqlClient) =>
  sql`CREATE FUNCTION muster_get_requests(ids uuid[]) RETURNS SETOF requests
    LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    BEGIN
      RETURN QUERY SELECT * FROM requests WHERE id = ANY(ids);
    END
  $$`

/**
 * `muster_waiting_requests(runtimes, earliest, latest)`: the kinds of which each runtime has something to claim, for
 * callers with times between these two; if they differ, a kind too many, never one too few. Changes nothing.
 */
const waiting = (sql: SqlClient.SqlClient) =>
  sql`CREATE FUNCTION muster_waiting_requests(runtimes uuid[], earliest bigint, latest bigint)
    RETURNS TABLE (runtime_id uuid, kind text)
    LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    #variable_conflict use_column
    BEGIN
      RETURN QUERY SELECT DISTINCT runtime_id, kind FROM requests
      WHERE runtime_id = ANY(runtimes) AND open AND limit_at >= earliest AND due_at < latest;
    END
  $$`

/** The functions that read requests. */
export const lookAtRequests = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  yield* get(sql)
  yield* waiting(sql)
})
