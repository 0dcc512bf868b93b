import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The audit log. It refers to no other table: an event outlives its subject. `at` is in epoch milliseconds. */
export const migration11Audit: Migration = {
  id: 11,
  name: "audit log",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE audit_events (
      id uuid PRIMARY KEY,
      at bigint NOT NULL,
      workspace_id uuid,
      actor_kind text NOT NULL,
      actor_id text,
      actor_name text,
      credential jsonb,
      action text NOT NULL,
      target_kind text,
      target_id text,
      target_name text,
      address text,
      client text,
      details jsonb NOT NULL
    )`
    yield* sql`CREATE INDEX audit_events_of_workspace ON audit_events (workspace_id, at DESC, id DESC)`
    yield* sql`CREATE INDEX audit_events_at ON audit_events (at)`
  })
}
