import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Kept lists of models, the journal of requests, and the presence of runtimes. Times are epoch milliseconds. */
export const migration5Journal: Migration = {
  id: 5,
  name: "journal",
  up: Effect.fnUntraced(function*(sql) {
    // `models` is null if the runtime reported that it has none.
    yield* sql`CREATE TABLE model_catalogue (
      runtime_id uuid PRIMARY KEY REFERENCES runtimes ON DELETE CASCADE,
      models jsonb,
      at bigint NOT NULL
    )`
    yield* sql`CREATE TABLE request_journal (
      id text COLLATE "C" PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      runtime_id uuid NOT NULL,
      kind text NOT NULL,
      "by" uuid,
      created_at bigint NOT NULL,
      created_on text,
      deliveries jsonb NOT NULL,
      "end" jsonb
    )`
    yield* sql`CREATE INDEX request_journal_of_workspace ON request_journal (workspace_id, created_at DESC, id DESC)`
    yield* sql`CREATE TABLE runtime_whereabouts (
      runtime_id uuid PRIMARY KEY REFERENCES runtimes ON DELETE CASCADE,
      "on" text NOT NULL,
      via text,
      since bigint NOT NULL
    )`
  })
}
