import { Access, type Account, Identity, MembershipBounds, Store, Uuid } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { ensureUser } from "./Workspaces.ts"

const users = rowsOf(Identity.User)

const userOf = (sql: SqlClient.SqlClient, { issuer, subject }: Account.Account) =>
  users.first(sql`
    SELECT users.* FROM accounts JOIN users ON users.id = accounts.user_id
    WHERE issuer = ${Store.cleanText(issuer)} AND subject = ${Store.cleanText(subject)}`)

/** Changes no role. Skips a workspace that is gone or full; two concurrent joins may both take the last place. */
const join = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, user: Identity.UserId, workspace: Identity.WorkspaceId, now: number) {
    const { members } = yield* MembershipBounds.MembershipBounds
    yield* sql`
      INSERT INTO members (user_id, workspace_id, role, created_at)
      SELECT ${user}, id, 'member', ${now} FROM workspaces
      WHERE id = ${workspace} AND (SELECT count(*) FROM members WHERE workspace_id = ${workspace}) < ${members}
      FOR KEY SHARE
      ON CONFLICT DO NOTHING`
  }
)

const refused = (reason: Access.AccountRefused["reason"]) => new Access.AccountRefused({ reason })

/** Both keys of the table decide: the account, and the user at this issuer. The first row wins. Returns whether it is new. */
const add = (sql: SqlClient.SqlClient, { issuer, subject }: Account.Account, user: Identity.UserId, now: number) =>
  Effect.map(
    sql`
      INSERT INTO accounts (issuer, subject, user_id, created_at)
      VALUES (${Store.cleanText(issuer)}, ${Store.cleanText(subject)}, ${user}, ${now})
      ON CONFLICT DO NOTHING
      RETURNING user_id`,
    ({ length }) => length > 0
  )

const isClaimed = (sql: SqlClient.SqlClient, user: Identity.UserId) =>
  Effect.map(sql`SELECT FROM users WHERE id = ${user} AND email_claimed`, ({ length }) => length > 0)

const link = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  account: Account.Account,
  person: Access.NewAccount,
  id: string,
  now: number
) {
  const known = yield* userOf(sql, account)
  if (Option.isSome(known)) return known.value
  // Locks the user's row, so that their e-mail does not change meanwhile.
  const user = yield* ensureUser(sql, person.email, person.name, id, now)
  if (yield* isClaimed(sql, user.id)) return yield* refused("claimed")
  if (yield* add(sql, account, user.id, now)) {
    if (person.joins !== null) yield* join(sql, user.id, person.joins, now)
    return user
  }
  const linked = yield* userOf(sql, account)
  return Option.isSome(linked) ? linked.value : yield* refused("another")
})

const connect = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, account: Account.Account, id: Identity.UserId, now: number) {
    const user = yield* users.first(sql`SELECT * FROM users WHERE id = ${id} FOR KEY SHARE`)
    if (Option.isNone(user) || (yield* add(sql, account, id, now))) return user
    const linked = yield* userOf(sql, account)
    if (Option.isNone(linked)) return yield* refused("another")
    return linked.value.id === id ? user : yield* refused("taken")
  }
)

/** The part of Access for accounts at sign-in providers. */
export const accountOperations = (sql: SqlClient.SqlClient) =>
  ({
    userOfAccount: (account) => asOperation("Access.userOfAccount")(userOf(sql, account)),
    linkAccount: (account, person) =>
      asOperationNow(
        "Access.linkAccount",
        (now) => Effect.flatMap(Uuid.random, (id) => sql.withTransaction(link(sql, account, person, id, now)))
      ),
    connectAccount: (account, user) =>
      asOperationNow("Access.connectAccount", (now) => sql.withTransaction(connect(sql, account, user, now)))
  }) satisfies Partial<Access.Access["Service"]>
