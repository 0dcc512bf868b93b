import { Identity, Membership } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { rowsOf } from "../client/Rows.ts"

const places = rowsOf(Schema.Struct({ userId: Identity.UserId, role: Identity.Role }))

export const refused = (reason: Membership.MemberRefused["reason"]) => new Membership.MemberRefused({ reason })

/**
 * Serializes the changes of members and invitations of one workspace, until the transaction ends. Registrations of its
 * runtimes continue. False: no such workspace.
 */
export const takeTurn = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) =>
  Effect.map(sql`SELECT 1 FROM workspaces WHERE id = ${workspace} FOR NO KEY UPDATE`, (rows) => rows.length > 0)

/** The role of a person; undefined: not a member. */
export const roleOf = (sql: SqlClient.SqlClient, user: Identity.UserId, workspace: Identity.WorkspaceId) =>
  Effect.map(
    places.first(sql`SELECT user_id, role FROM members WHERE user_id = ${user} AND workspace_id = ${workspace}`),
    (row) => Option.getOrUndefined(row)?.role
  )

/** The owners of a workspace, and the two people of a change of a member. */
export const rolesOf = (
  sql: SqlClient.SqlClient,
  workspace: Identity.WorkspaceId,
  ...people: ReadonlyArray<Identity.UserId>
) =>
  Effect.map(
    places.all(sql`
      SELECT user_id, role FROM members
      WHERE workspace_id = ${workspace} AND (role = 'owner' OR user_id IN ${sql.in(people)})`),
    (rows) => new Map(rows.map(({ role, userId }) => [userId, role]))
  )
