import { Effect } from "effect"
import type { Migration } from "./Migration.ts"

/**
 * Invitations, and tombstones of runtimes that outlive their workspace. Times are epoch milliseconds; of a link's secret
 * only the SHA-256 is kept.
 */
export const migration13Memberships: Migration = {
  id: 13,
  name: "memberships",
  up: Effect.fnUntraced(function*(sql) {
    yield* sql`CREATE TABLE invitations (
      id uuid PRIMARY KEY,
      workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
      inviter_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      invitee_email text,
      invitee_user_id uuid REFERENCES users ON DELETE CASCADE,
      role text NOT NULL CHECK (role IN ('admin', 'member')),
      hash text NOT NULL UNIQUE,
      status text NOT NULL CHECK (status IN ('pending', 'accepted', 'declined', 'revoked')),
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL,
      expires_at bigint NOT NULL
    )`
    yield* sql`CREATE INDEX invitations_of_workspace ON invitations (workspace_id, created_at)`
    yield* sql`CREATE INDEX invitations_of_invitee ON invitations (invitee_user_id) WHERE status = 'pending'`
    // Which reasons there are is the domain's matter.
    yield* sql`ALTER TABLE runtime_tombstones
      DROP CONSTRAINT runtime_tombstones_workspace_id_fkey,
      DROP CONSTRAINT runtime_tombstones_reason_check`
  })
}
