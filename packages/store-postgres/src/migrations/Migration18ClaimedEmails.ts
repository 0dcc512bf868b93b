import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** Which users chose their e-mail without proof that it is theirs: a provider's verified e-mail does not find them. */
export const migration18ClaimedEmails: Migration = {
  id: 18,
  name: "claimed e-mail addresses",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE users ADD COLUMN email_claimed boolean NOT NULL DEFAULT false`
  })
}
