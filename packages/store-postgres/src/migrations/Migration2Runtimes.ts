import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The runtimes, and the tombstones of those that are gone. Times are epoch milliseconds. */
export const migration2Runtimes: Migration = {
  id: 2,
  name: "runtimes",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE runtimes (
      id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      daemon_id text,
      name text NOT NULL,
      named_by_person boolean NOT NULL DEFAULT false,
      runtime_mode text NOT NULL CHECK (runtime_mode IN ('local', 'cloud')),
      provider text NOT NULL,
      status text NOT NULL CHECK (status IN ('online', 'offline')),
      device_info text NOT NULL,
      metadata jsonb NOT NULL,
      owner_id uuid REFERENCES users ON DELETE SET NULL,
      visibility text NOT NULL CHECK (visibility IN ('private', 'public')),
      timezone text NOT NULL,
      last_seen_at bigint,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL,
      UNIQUE (workspace_id, daemon_id, provider)
    )`
    // The list of a workspace; a registration's search for a daemon's older ids; the sweeps for silence and expiry.
    yield* sql`CREATE INDEX runtimes_of_workspace ON runtimes (workspace_id, created_at, id)`
    yield* sql`CREATE INDEX runtimes_of_daemon ON runtimes (workspace_id, lower(daemon_id))`
    yield* sql`CREATE INDEX runtimes_online ON runtimes (last_seen_at) WHERE status = 'online'`
    yield* sql`CREATE INDEX runtimes_offline ON runtimes (coalesce(last_seen_at, created_at)) WHERE status = 'offline'`
    yield* sql`CREATE TABLE runtime_tombstones (
      runtime_id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      reason text NOT NULL CHECK (reason IN ('deleted', 'expired')),
      removed_by uuid,
      removed_at bigint NOT NULL
    )`
    yield* sql`CREATE INDEX runtime_tombstones_by_age ON runtime_tombstones (removed_at)`
  })
}
