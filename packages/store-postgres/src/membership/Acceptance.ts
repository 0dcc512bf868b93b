import { Identity, Invitation, MemberRules, Membership, MembershipBounds, Store, Uuid } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { insertToken, noOrigin } from "../access/Tokens.ts"
import { asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { byKey, end } from "./Invitations.ts"
import { roleOf, takeTurn } from "./Locks.ts"

type Service = Membership.Membership["Service"]
type By = Parameters<Service["accept"]>[1]

const users = rowsOf(Identity.User)
const rooms = rowsOf(Schema.Struct({ members: Schema.Finite, workspaces: Schema.Finite, taken: Schema.Boolean }))

const refused = (reason: Membership.AcceptRefused["reason"]) => new Membership.AcceptRefused({ reason })

/** The invitation, read with the workspace locked. */
const inTurn = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, key: Membership.InvitationKey) {
  const found = yield* byKey(sql, key)
  if (Option.isNone(found)) return yield* refused("unknown")
  yield* takeTurn(sql, found.value.workspaceId)
  const now = yield* byKey(sql, key)
  return Option.isNone(now) ? yield* refused("unknown") : now.value
})

const personOf = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, by: By) {
  if (typeof by !== "string") return { id: null, email: Store.cleanText(by.email) }
  const user = yield* users.first(sql`SELECT * FROM users WHERE id = ${by}`)
  return Option.isNone(user) ? yield* refused("another") : user.value
})

/** Why the person does not join. */
const judge = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  invitation: Invitation.Invitation,
  key: Membership.InvitationKey,
  person: Invitation.Person,
  now: number
) {
  const { workspaceId } = invitation
  const bounds = yield* MembershipBounds.MembershipBounds
  const room = yield* rooms.one(sql`
    SELECT (SELECT count(*)::integer FROM members WHERE workspace_id = ${workspaceId}) AS members,
      (SELECT count(*)::integer FROM members WHERE user_id = ${person.id}::uuid) AS workspaces,
      EXISTS (SELECT FROM users WHERE email = ${person.email}) AS taken`)
  return MemberRules.refuseAcceptance({
    invitation,
    status: Invitation.statusAt(invitation, now),
    key,
    person,
    isMember: person.id !== null && (yield* roleOf(sql, person.id, workspaceId)) !== undefined,
    isEmailTaken: person.id === null && room.taken,
    isWorkspaceFull: room.members >= bounds.members,
    isPersonFull: room.workspaces >= bounds.workspaces
  })
})

/** Makes the newcomer's account, whose e-mail is a claim, and token. Refuses if another person got the e-mail meanwhile. */
const admit = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { email, name, token }: Membership.Newcomer,
  now: number
) {
  const made = yield* users.first(sql`
    INSERT INTO users (id, email, name, email_claimed, created_at)
    VALUES (${yield* Uuid.random}, ${Store.cleanText(email)}, ${Store.cleanText(name)}, true, ${now})
    ON CONFLICT (email) DO NOTHING
    RETURNING *`)
  if (Option.isNone(made)) return yield* refused("email_taken")
  const user = made.value
  const input = { ...token, userId: user.id, madeWith: null }
  return { user, token: yield* insertToken(sql, input, noOrigin(token.scopes), yield* Uuid.random, now) }
})

const accept = (sql: SqlClient.SqlClient, key: Membership.InvitationKey, by: By, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const invitation = yield* inTurn(sql, key)
    const person = yield* personOf(sql, by)
    const reason = yield* judge(sql, invitation, key, person, now)
    if (reason !== undefined) return yield* refused(reason)
    const joined = typeof by === "string"
      ? { user: yield* users.one(sql`SELECT * FROM users WHERE id = ${by}`), token: null }
      : yield* admit(sql, by, now)
    yield* sql`
      INSERT INTO members (user_id, workspace_id, role, created_at)
      VALUES (${joined.user.id}, ${invitation.workspaceId}, ${invitation.role}, ${now})`
    const accepted: Membership.Accepted = { ...joined, invitation: yield* end(sql, invitation.id, "accepted", now) }
    return accepted
  }))

const decline = (sql: SqlClient.SqlClient, id: Invitation.InvitationId, by: Identity.UserId, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const invitation = yield* inTurn(sql, { id })
    if (invitation.inviteeUserId !== by) return yield* refused("another")
    const status = Invitation.statusAt(invitation, now)
    return status === "pending" ? yield* end(sql, id, "declined", now) : yield* refused(status)
  }))

/** The part of Membership for invited people. */
export const acceptanceOperations = (sql: SqlClient.SqlClient) =>
  ({
    accept: (key, by) => asOperationNow("Membership.accept", (now) => accept(sql, key, by, now)),
    decline: (id, by) => asOperationNow("Membership.decline", (now) => decline(sql, id, by, now))
  }) satisfies Partial<Service>
