import { Effect } from "effect"
import type { Migration } from "./Migration.ts"
import { claimRequests } from "./Migration3Claim.ts"
import { createRequests } from "./Migration3Create.ts"
import { lookAtRequests } from "./Migration3Look.ts"
import { settleRequests } from "./Migration3Settle.ts"

/**
 * Requests of every kind. The terms of a request are stored with it as numbers (ms), so that no statement needs to know
 * kinds; every time is the caller's, in epoch ms.
 *
 * UNLOGGED at first; step 6 made it durable.
 *
 * No foreign key to `runtimes`: it would lock the runtime's row with every request, for rows that are removed within
 * minutes anyway.
 */
export const migration3Requests: Migration = {
  id: 3,
  name: "requests",
  up: Effect.fnUntraced(function*(sql) {
    // Half of each page remains free, so that a claim's new version of a row is on the same page and touches no index.
    yield* sql`CREATE UNLOGGED TABLE requests (
      id uuid PRIMARY KEY,
      seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
      runtime_id uuid NOT NULL,
      kind text NOT NULL,
      open boolean NOT NULL DEFAULT true,
      created_at bigint NOT NULL,
      started_at bigint,
      delivered_at bigint,
      settled_at bigint,
      deliveries integer NOT NULL DEFAULT 0,
      limit_at bigint NOT NULL,
      due_at bigint DEFAULT -1,
      sweep_at bigint NOT NULL,
      running bigint NOT NULL,
      retention bigint NOT NULL,
      redeliver_after bigint NOT NULL,
      most_deliveries integer NOT NULL,
      asked_by uuid,
      payload text NOT NULL,
      terms text NOT NULL,
      outcome text
    ) WITH (
      fillfactor = 50,
      autovacuum_vacuum_scale_factor = 0.05,
      autovacuum_vacuum_threshold = 1000,
      autovacuum_vacuum_cost_delay = 0,
      autovacuum_vacuum_insert_scale_factor = 1
    )`
    yield* sql`COMMENT ON COLUMN requests.open IS
      'Neither settled nor found past its limit. Closed without an outcome: timed out, whatever a clock says'`
    yield* sql`COMMENT ON COLUMN requests.limit_at IS 'The last moment within the limit, while unfinished'`
    yield* sql`COMMENT ON COLUMN requests.due_at IS 'Handed out only after this moment; null: never again'`
    yield* sql`COMMENT ON COLUMN requests.sweep_at IS
      'Not forgotten before; looked at after, and then forgotten or looked at later'`
    // Only unfinished ones, so that it stays as small as the queues are.
    yield* sql`CREATE INDEX requests_open ON requests (runtime_id, kind, seq) WHERE open`
    yield* sql`CREATE INDEX requests_sweep ON requests (sweep_at)`
    yield* createRequests(sql)
    yield* claimRequests(sql)
    yield* settleRequests(sql)
    yield* lookAtRequests(sql)
  })
}
