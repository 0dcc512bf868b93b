import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/**
 * Users, workspaces and tokens. Times are epoch milliseconds. Of a token only its SHA-256 is kept, as 64 hex digits.
 */
export const migration1Access: Migration = {
  id: 1,
  name: "access",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE users (
      id uuid PRIMARY KEY,
      email text NOT NULL UNIQUE,
      name text NOT NULL,
      created_at bigint NOT NULL
    )`
    yield* sql`CREATE TABLE workspaces (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      slug text NOT NULL UNIQUE,
      description text,
      context text,
      settings jsonb NOT NULL DEFAULT '{}',
      repos jsonb NOT NULL DEFAULT '[]',
      issue_prefix text NOT NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    )`
    yield* sql`CREATE TABLE members (
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
      created_at bigint NOT NULL,
      PRIMARY KEY (user_id, workspace_id)
    )`
    yield* sql`CREATE INDEX members_of_workspace ON members (workspace_id)`
    yield* sql`CREATE TABLE tokens (
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      name text NOT NULL,
      hash text NOT NULL UNIQUE,
      prefix text NOT NULL,
      expires_at bigint,
      last_used_at bigint,
      revoked_at bigint,
      created_at bigint NOT NULL
    )`
    yield* sql`CREATE INDEX tokens_of_user ON tokens (user_id, created_at) WHERE revoked_at IS NULL`
    yield* sql`CREATE TABLE daemon_tokens (
      hash text PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      daemon_id text NOT NULL,
      expires_at bigint NOT NULL,
      created_at bigint NOT NULL
    )`
  })
}
