import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Machines, how they join, and their credentials. Times are epoch milliseconds; of secrets only the SHA-256 is kept. */
export const migration10Machines: Migration = {
  id: 10,
  name: "machines",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE join_keys (
      id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      name text NOT NULL,
      hash text NOT NULL UNIQUE,
      prefix text NOT NULL,
      labels jsonb NOT NULL,
      ephemeral boolean NOT NULL,
      max_uses integer,
      uses integer NOT NULL DEFAULT 0,
      expires_at bigint NOT NULL,
      revoked_at bigint,
      created_at bigint NOT NULL
    )`
    yield* sql`CREATE INDEX join_keys_of_workspace ON join_keys (workspace_id, created_at)`
    yield* sql`CREATE TABLE machines (
      id uuid PRIMARY KEY,
      owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      name text NOT NULL,
      daemon_id text,
      labels jsonb NOT NULL,
      drain jsonb,
      ephemeral boolean NOT NULL,
      join_key_id uuid,
      device_info text NOT NULL DEFAULT '',
      created_at bigint NOT NULL,
      joined_at bigint,
      last_seen_at bigint,
      UNIQUE (owner_id, daemon_id)
    )`
    // The sweep reads machines that wait and ephemeral ones.
    yield* sql`CREATE INDEX machines_swept ON machines (last_seen_at) WHERE ephemeral OR daemon_id IS NULL`
    yield* sql`CREATE TABLE machine_workspaces (
      machine_id uuid NOT NULL REFERENCES machines ON DELETE CASCADE,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      PRIMARY KEY (machine_id, workspace_id)
    )`
    yield* sql`CREATE INDEX machines_of_workspace ON machine_workspaces (workspace_id)`
    // A token outlives its machine, so that its refusal has a reason.
    yield* sql`CREATE TABLE join_tokens (
      hash text PRIMARY KEY,
      machine_id uuid REFERENCES machines ON DELETE SET NULL,
      owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      expires_at bigint NOT NULL,
      used_at bigint,
      revoked_at bigint
    )`
    yield* sql`CREATE INDEX join_tokens_of_machine ON join_tokens (machine_id)`
    yield* sql`CREATE TABLE machine_credentials (
      hash text PRIMARY KEY,
      machine_id uuid NOT NULL REFERENCES machines ON DELETE CASCADE,
      fingerprint text,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      used_at bigint
    )`
    yield* sql`CREATE INDEX credentials_of_machine ON machine_credentials (machine_id)`
    yield* sql`ALTER TABLE runtimes ADD COLUMN ephemeral boolean NOT NULL DEFAULT false`
    yield* sql`CREATE INDEX runtimes_ephemeral ON runtimes (coalesce(last_seen_at, created_at))
      WHERE status = 'offline' AND ephemeral`
  })
}
