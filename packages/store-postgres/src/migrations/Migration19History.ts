import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The heartbeats of each runtime in buckets of 10 minutes, for 24 h. */
export const migration19History: Migration = {
  id: 19,
  name: "history",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE runtime_history (
      runtime_id uuid NOT NULL REFERENCES runtimes (id) ON DELETE CASCADE,
      at bigint NOT NULL,
      beats integer NOT NULL,
      covered integer NOT NULL,
      max_ms integer NOT NULL,
      PRIMARY KEY (runtime_id, at)
    ) WITH (fillfactor = 70)`
    yield* sql`CREATE INDEX runtime_history_at ON runtime_history (at)`
  })
}
