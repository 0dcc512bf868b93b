import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The journal keeps the name of a request's runtime, which may be deleted. */
export const migration17RuntimeNames: Migration = {
  id: 17,
  name: "runtime names in the journal",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE request_journal ADD COLUMN runtime_name text`
  })
}
