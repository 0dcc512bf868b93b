import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/**
 * Tasks. `record` is the whole task except the prompt, which never changes and so is not written again; the other columns
 * are derived from it, for queries. A task is changed by compare-and-set on `version`. No foreign keys to other tables:
 * a task outlives its runtime. `due`: when it is delivered again.
 */
export const migration21Tasks: Migration = {
  id: 21,
  name: "tasks",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE tasks (
      id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL,
      runtime_id uuid NOT NULL,
      by uuid NOT NULL,
      daemon_id text,
      key text COLLATE "C",
      priority smallint NOT NULL,
      status text COLLATE "C" NOT NULL,
      active boolean NOT NULL,
      epoch integer NOT NULL,
      created_at bigint NOT NULL,
      not_before bigint,
      due bigint,
      deadline bigint,
      ended_at bigint,
      token_hash text COLLATE "C",
      version integer NOT NULL,
      record jsonb NOT NULL,
      prompt text NOT NULL
    ) WITH (fillfactor = 70)`
    yield* sql`CREATE INDEX tasks_queued ON tasks (runtime_id, priority DESC, created_at, id) WHERE status = 'Queued'`
    yield* sql`CREATE INDEX tasks_queued_in ON tasks (workspace_id) WHERE status = 'Queued'`
    yield* sql`CREATE INDEX tasks_queued_of ON tasks (key) WHERE status = 'Queued' AND key IS NOT NULL`
    yield* sql`CREATE UNIQUE INDEX tasks_key ON tasks (key) WHERE active AND key IS NOT NULL`
    yield* sql`CREATE INDEX tasks_active ON tasks (daemon_id) WHERE active`
    yield* sql`CREATE INDEX tasks_active_on ON tasks (runtime_id) WHERE active`
    yield* sql`CREATE INDEX tasks_age ON tasks (workspace_id, created_at DESC, id DESC)`
    yield* sql`CREATE INDEX tasks_deadline ON tasks (deadline) WHERE deadline IS NOT NULL`
    yield* sql`CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL`
    yield* sql`CREATE INDEX tasks_token ON tasks (token_hash) WHERE token_hash IS NOT NULL`

    yield* sql`CREATE TABLE task_keys (
      workspace_id uuid NOT NULL,
      key text COLLATE "C" NOT NULL,
      fingerprint text NOT NULL,
      task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
      PRIMARY KEY (workspace_id, key)
    )`
    yield* sql`CREATE INDEX task_keys_task ON task_keys (task_id)`

    yield* sql`CREATE SEQUENCE task_turns`
    yield* sql`CREATE TABLE task_served (
      runtime_id uuid NOT NULL,
      user_id uuid NOT NULL,
      turn bigint NOT NULL,
      PRIMARY KEY (runtime_id, user_id)
    ) WITH (fillfactor = 50)`

    yield* sql`CREATE TABLE task_logs (
      task_id uuid PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
      epoch integer NOT NULL,
      next_seq integer NOT NULL,
      events integer NOT NULL,
      bytes bigint NOT NULL
    ) WITH (fillfactor = 50)`
    yield* sql`CREATE TABLE task_events (
      task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
      "offset" integer NOT NULL,
      epoch integer NOT NULL,
      at bigint NOT NULL,
      size integer NOT NULL,
      body jsonb NOT NULL,
      PRIMARY KEY (task_id, "offset")
    )`
  })
}
