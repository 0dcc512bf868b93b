import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Which processes beat for a runtime. A replica of an older version writes none. */
export const migration9Instances: Migration = {
  id: 9,
  name: "instances of daemons",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE runtimes ADD COLUMN instances jsonb`
  })
}
