import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** The model that a runtime's tasks use if they name none. */
export const migration20DefaultModels: Migration = {
  id: 20,
  name: "default models",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE runtimes ADD COLUMN default_model text`
  })
}
