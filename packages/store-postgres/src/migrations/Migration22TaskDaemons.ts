import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Counts the claims of each daemon: a claim that counted the daemon's tasks is refused if another came in between. */
export const migration22TaskDaemons: Migration = {
  id: 22,
  name: "claims of daemons",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE task_daemons (
      daemon_id text COLLATE "C" PRIMARY KEY,
      claims integer NOT NULL
    ) WITH (fillfactor = 50)`
  })
}
