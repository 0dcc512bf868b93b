import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** When each bucket of the limits is full, in epoch microseconds. Unlogged: what a crash loses is full again. */
export const migration16Limits: Migration = {
  id: 16,
  name: "limits",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE UNLOGGED TABLE limit_buckets (
      key text COLLATE "C" PRIMARY KEY,
      full_at bigint NOT NULL,
      granted integer NOT NULL
    ) WITH (fillfactor = 50)`
    yield* sql`CREATE INDEX limit_buckets_full_at ON limit_buckets (full_at)`
  })
}
