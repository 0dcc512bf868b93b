import { Identity, MemberRules, type Membership } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { depart } from "./Departures.ts"
import { refused, rolesOf, takeTurn } from "./Locks.ts"

type Service = Membership.Membership["Service"]
type RoleChange = Parameters<Service["changeRole"]>[0]
type Removal = Parameters<Service["removeMember"]>[0]

const members = rowsOf(Identity.Member)
const places = rowsOf(Schema.Struct({ userId: Identity.UserId, workspaceId: Identity.WorkspaceId }))

/** The state that a change of a member finds, with the workspace locked. */
const foundIn = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, { by, userId, workspaceId }: Removal) {
  yield* takeTurn(sql, workspaceId)
  const roles = yield* rolesOf(sql, workspaceId, by, userId)
  const role = roles.get(userId)
  const owners = [...roles.values()].filter((one) => one === "owner").length
  return { actor: roles.get(by), role, isLastOwner: role === "owner" && owners === 1 }
})

/** Revokes the pending invitations of a person for the roles that they may no longer invite with. */
const revokeBeyond = (
  sql: SqlClient.SqlClient,
  { userId, workspaceId }: Removal,
  role: Identity.Role | undefined,
  now: number
) => {
  const roles = (["admin", "member"] as const).filter((one) => role === undefined || !MemberRules.mayInvite(role, one))
  return roles.length === 0 ? Effect.void : sql`
    UPDATE invitations SET status = 'revoked', updated_at = ${now}
    WHERE workspace_id = ${workspaceId} AND inviter_id = ${userId} AND status = 'pending' AND role IN ${sql.in(roles)}`
}

const changeRole = (sql: SqlClient.SqlClient, change: RoleChange, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { role, userId, workspaceId } = change
    const reason = MemberRules.refuseRoleChange(yield* foundIn(sql, change), role)
    if (reason !== undefined) return yield* refused(reason)
    yield* revokeBeyond(sql, change, role, now)
    return yield* members.one(sql`
      UPDATE members SET role = ${role} FROM users
      WHERE user_id = ${userId} AND workspace_id = ${workspaceId} AND users.id = user_id
      RETURNING users.id, users.name, users.email, role, members.created_at AS joined_at`)
  }))

const removeMember = (sql: SqlClient.SqlClient, change: Removal, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { by, userId, workspaceId } = change
    const reason = MemberRules.refuseRemoval(yield* foundIn(sql, change), by === userId)
    if (reason !== undefined) return yield* refused(reason)
    // Waits for running registrations of this person; what they add is removed below.
    yield* sql`DELETE FROM members WHERE user_id = ${userId} AND workspace_id = ${workspaceId}`
    yield* revokeBeyond(sql, change, undefined, now)
    return yield* depart(sql, { workspaceId, leaver: userId, reason: "member_left", by }, now)
  }))

const outsiders = (sql: SqlClient.SqlClient, asked: ReadonlyArray<Membership.Place>) => {
  const entries = jsonText(asked.map(({ userId, workspaceId }) => ({ user_id: userId, workspace_id: workspaceId })))
  return places.all(sql`
    SELECT user_id, workspace_id
    FROM jsonb_to_recordset(${entries}::jsonb) AS asked(user_id uuid, workspace_id uuid)
    WHERE NOT EXISTS (
      SELECT FROM members WHERE members.user_id = asked.user_id AND members.workspace_id = asked.workspace_id
    )`)
}

/** The part of Membership for members. */
export const memberOperations = (sql: SqlClient.SqlClient) =>
  ({
    changeRole: (change) => asOperationNow("Membership.changeRole", (now) => changeRole(sql, change, now)),
    removeMember: (change) => asOperationNow("Membership.removeMember", (now) => removeMember(sql, change, now)),
    outsiders: (asked) =>
      asked.length === 0 ? Effect.succeed([]) : asOperation("Membership.outsiders")(outsiders(sql, asked))
  }) satisfies Partial<Service>
