import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** People's accounts at sign-in providers: one user per account, one account per user and issuer. */
export const migration15Accounts: Migration = {
  id: 15,
  name: "accounts at sign-in providers",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE accounts (
      issuer text NOT NULL,
      subject text NOT NULL,
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      created_at bigint NOT NULL,
      PRIMARY KEY (issuer, subject),
      UNIQUE (user_id, issuer)
    )`
  })
}
