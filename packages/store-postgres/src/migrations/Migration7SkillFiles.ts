import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Whether a file of a skill may be run. A replica of an older version adds files that may not. */
export const migration7SkillFiles: Migration = {
  id: 7,
  name: "executable files of skills",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE skill_files ADD COLUMN executable boolean NOT NULL DEFAULT false`
  })
}
