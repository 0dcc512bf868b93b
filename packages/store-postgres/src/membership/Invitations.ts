import { type Identity, Invitation, MemberRules, Membership, MembershipBounds, Store, Uuid } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { refused, roleOf, takeTurn } from "./Locks.ts"

/** The maximum number of invitations in a list. */
const max = 1_000

const invitations = rowsOf(Invitation.Invitation)
const counts = rowsOf(Schema.Struct({ pending: Schema.Finite, same: Schema.Finite, members: Schema.Finite }))

/** Invitations with the names of inviter and workspace; `WHERE` follows. */
const shown = (sql: SqlClient.SqlClient) =>
  sql`
    SELECT invitations.*, users.name AS inviter_name, users.email AS inviter_email,
      workspaces.name AS workspace_name, workspaces.slug AS workspace_slug
    FROM invitations
    JOIN users ON users.id = invitations.inviter_id
    JOIN workspaces ON workspaces.id = invitations.workspace_id`

const listed = (sql: SqlClient.SqlClient, now: number) =>
  sql`status = 'pending' AND expires_at > ${now} ORDER BY invitations.created_at DESC, invitations.id LIMIT ${max}`

export const byKey = (sql: SqlClient.SqlClient, key: Membership.InvitationKey) =>
  invitations.first(
    "id" in key
      ? sql`${shown(sql)} WHERE invitations.id = ${key.id}`
      : sql`${shown(sql)} WHERE invitations.hash = ${key.hash}`
  )

const forgetEnded = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, before: number) =>
  sql`
    DELETE FROM invitations
    WHERE workspace_id = ${workspace}
      AND (CASE WHEN status = 'pending' THEN expires_at ELSE updated_at END) < ${before}`

const invite = (sql: SqlClient.SqlClient, input: Membership.NewInvitation, id: string, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { by, email: given, hash, role, workspaceId } = input
    const email = given === null ? null : Store.cleanText(given)
    yield* takeTurn(sql, workspaceId)
    yield* forgetEnded(sql, workspaceId, now - Invitation.endedRetention)
    const found = yield* counts.one(sql`
      SELECT count(*)::integer AS pending, count(*) FILTER (WHERE invitee_email = ${email})::integer AS same, (
        SELECT count(*)::integer FROM members JOIN users ON users.id = user_id
        WHERE workspace_id = ${workspaceId} AND email = ${email}
      ) AS members
      FROM invitations WHERE workspace_id = ${workspaceId} AND status = 'pending' AND expires_at > ${now}`)
    const reason = MemberRules.refuseInvite({
      actor: yield* roleOf(sql, by, workspaceId),
      role,
      isMember: found.members > 0,
      isPending: found.same > 0,
      isFull: found.pending >= (yield* MembershipBounds.MembershipBounds).invitations
    })
    if (reason !== undefined) return yield* new Membership.InviteRefused({ reason })
    yield* sql`
      INSERT INTO invitations (id, workspace_id, inviter_id, invitee_email, invitee_user_id, role, hash, status,
        created_at, updated_at, expires_at)
      VALUES (${id}, ${workspaceId}, ${by}, ${email},
        (SELECT id FROM users WHERE email = ${email} AND NOT email_claimed), ${role}, ${hash}, 'pending', ${now}, ${now},
        ${input.expiresAt})`
    return yield* invitations.one(sql`${shown(sql)} WHERE invitations.id = ${id}`)
  }))

/** Ends an invitation of a workspace that this transaction has locked. */
export const end = (
  sql: SqlClient.SqlClient,
  id: Invitation.InvitationId,
  status: Invitation.InvitationStatus,
  now: number
) =>
  Effect.andThen(
    sql`UPDATE invitations SET status = ${status}, updated_at = ${now} WHERE id = ${id}`,
    invitations.one(sql`${shown(sql)} WHERE invitations.id = ${id}`)
  )

type Revocation = Parameters<Membership.Membership["Service"]["revokeInvitation"]>[0]

const revoke = (sql: SqlClient.SqlClient, { by, id, workspaceId }: Revocation, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* takeTurn(sql, workspaceId)
    const role = yield* roleOf(sql, by, workspaceId)
    if (role === undefined) return yield* refused("outsider")
    if (role === "member") return yield* refused("forbidden")
    const found = yield* byKey(sql, { id })
    if (Option.isNone(found) || found.value.workspaceId !== workspaceId) return false
    if (found.value.status === "pending") yield* end(sql, id, "revoked", now)
    return true
  }))

/** The part of Membership for invitations until they are accepted. */
export const invitationOperations = (sql: SqlClient.SqlClient) =>
  ({
    invite: (input) =>
      asOperationNow("Membership.invite", (now) => Effect.flatMap(Uuid.random, (id) => invite(sql, input, id, now))),
    pendingInvitations: (workspace) =>
      asOperationNow("Membership.pendingInvitations", (now) =>
        invitations.all(sql`${shown(sql)} WHERE workspace_id = ${workspace} AND ${listed(sql, now)}`)),
    invitationsFor: (user) =>
      asOperationNow("Membership.invitationsFor", (now) =>
        invitations.all(sql`${shown(sql)} WHERE invitee_user_id = ${user} AND ${listed(sql, now)}`)),
    invitation: (key) =>
      asOperation("Membership.invitation")(byKey(sql, key)),
    revokeInvitation: (change) =>
      asOperationNow("Membership.revokeInvitation", (now) =>
        revoke(sql, change, now))
  }) satisfies Partial<Membership.Membership["Service"]>
