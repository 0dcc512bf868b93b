import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Whether the CLI of a runtime works. A replica of an older version writes nothing. */
export const migration12CliHealth: Migration = {
  id: 12,
  name: "health of CLIs",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE runtimes ADD COLUMN cli jsonb`
  })
}
