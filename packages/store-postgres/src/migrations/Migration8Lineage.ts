import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/** What a token is for, and the token that it ends with. Removing a token also removes its descendants. */
export const migration8Lineage: Migration = {
  id: 8,
  name: "lineage of tokens",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`ALTER TABLE tokens
      ADD COLUMN purpose text NOT NULL DEFAULT 'api' CHECK (purpose IN ('api', 'session', 'link')),
      ADD COLUMN parent_id uuid REFERENCES tokens ON DELETE CASCADE`
    yield* sql`CREATE INDEX tokens_of_parent ON tokens (parent_id) WHERE parent_id IS NOT NULL`
    // The origin of these tokens was not recorded. They last 30 days and 10 minutes at most.
    yield* sql`UPDATE tokens SET purpose = 'session' WHERE name = 'console session' AND expires_at IS NOT NULL`
    yield* sql`UPDATE tokens SET purpose = 'link' WHERE prefix LIKE 'mln\\_%'`
    yield* sql`CREATE FUNCTION muster_token_line(token uuid) RETURNS SETOF tokens LANGUAGE sql STABLE AS $$
      WITH RECURSIVE line AS (
        SELECT * FROM tokens WHERE id = token
        UNION ALL
        SELECT tokens.* FROM tokens JOIN line ON tokens.id = line.parent_id
      )
      SELECT * FROM line
    $$`
    // Whether a token or an ancestor was revoked; null has no children.
    yield* sql`CREATE FUNCTION muster_is_revoked(token uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT token IS NOT NULL AND EXISTS (SELECT FROM muster_token_line(token) WHERE revoked_at IS NOT NULL)
    $$`
    yield* sql`CREATE FUNCTION muster_token_lineage(token uuid) RETURNS integer LANGUAGE sql STABLE AS $$
      SELECT count(*)::integer FROM muster_token_line(token)
    $$`
  })
}
