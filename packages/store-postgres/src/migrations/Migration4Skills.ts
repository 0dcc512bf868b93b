import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The skills of workspaces. Times are epoch milliseconds. Names and paths are ordered by code points everywhere. */
export const migration4Skills: Migration = {
  id: 4,
  name: "skills",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE skills (
      id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      name text COLLATE "C" NOT NULL,
      description text NOT NULL,
      content text NOT NULL,
      config jsonb NOT NULL,
      created_by uuid REFERENCES users ON DELETE SET NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL,
      UNIQUE (workspace_id, name)
    )`
    yield* sql`CREATE TABLE skill_files (
      skill_id uuid NOT NULL REFERENCES skills ON DELETE CASCADE,
      path text COLLATE "C" NOT NULL,
      content text NOT NULL,
      PRIMARY KEY (skill_id, path)
    )`
  })
}
