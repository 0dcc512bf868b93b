import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/**
 * Requests survive a crash and a failover of PostgreSQL. Before this step their table was UNLOGGED: a server that
 * crashed, and a standby that took over, had none of them.
 *
 * What commits how:
 * - create, claim and settle are acknowledged, so each waits until the write-ahead log is on the disk (and on the
 * standbys that `synchronous_standby_names` names). A claim too: a lost one would deliver again what is delivered once,
 * and would turn a running request that was observed into a pending one.
 * - A read, a probe, and a claim that finds nothing write nothing, so they do not wait.
 * - Rows are swept together with a create: one wait for both.
 *
 * If the database's owner set `synchronous_commit = off` for all users, these writes wait all the same; any other value
 * remains the owner's choice.
 */
export const migration6DurableRequests: Migration = {
  id: 6,
  name: "durable requests",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE requests SET LOGGED`
    // All functions that write requests begin with this one. Its settings apply until the end of the transaction.
    yield* sql`CREATE OR REPLACE FUNCTION muster_lock_runtimes(runtimes text[]) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF current_setting('synchronous_commit') = 'off' THEN
          PERFORM set_config('synchronous_commit', 'on', true);
        END IF;
        PERFORM pg_advisory_xact_lock(1836412531, key)
        FROM (SELECT DISTINCT hashtext(runtime) AS key FROM unnest(runtimes) AS runtime ORDER BY 1) AS keys;
      END
    $$`
  })
}
