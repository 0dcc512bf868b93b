import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** What tokens may be used for, as bits (`access/ScopeBits.ts`). Those that exist may be used for everything. */
export const migration14Scopes: Migration = {
  id: 14,
  name: "scopes of tokens",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE tokens ADD COLUMN scopes integer NOT NULL DEFAULT 15`
  })
}
