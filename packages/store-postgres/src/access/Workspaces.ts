import { Access, Identity, Store, Uuid, Workspace } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

/** The maximum number of workspaces or members in a list. */
const max = 1_000

const users = rowsOf(Identity.User)
const members = rowsOf(Identity.Member)
const workspaces = rowsOf(Workspace.Workspace)
const roles = rowsOf(Schema.Struct({ role: Identity.Role }))

const cleanOrNull = (text: string | null) => text === null ? null : Store.cleanText(text)

/** One statement that returns the row in both cases, also to the loser of two concurrent calls. */
export const ensureUser = (sql: SqlClient.SqlClient, email: string, name: string, id: string, now: number) =>
  users.one(sql`
    INSERT INTO users (id, email, name, created_at)
    VALUES (${id}, ${Store.cleanText(email).trim().toLowerCase()}, ${Store.cleanText(name)}, ${now})
    ON CONFLICT (email) DO UPDATE SET email = excluded.email
    RETURNING *`)

/** The workspace and its owner's membership in one statement; nothing if the slug exists. */
const create = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, input: Access.NewWorkspace, id: string, now: number) {
    const slug = Store.cleanText(input.slug)
    const made = yield* workspaces.first(sql`
    WITH made AS (
      INSERT INTO workspaces (id, name, slug, description, context, issue_prefix, created_at, updated_at)
      VALUES (${id}, ${Store.cleanText(input.name)}, ${slug}, ${cleanOrNull(input.description)},
        ${cleanOrNull(input.context)}, ${Store.cleanText(input.issuePrefix)}, ${now}, ${now})
      ON CONFLICT (slug) DO NOTHING
      RETURNING *
    ), owned AS (
      INSERT INTO members (user_id, workspace_id, role, created_at)
      SELECT ${input.owner}, made.id, 'owner', ${now} FROM made
    )
    SELECT * FROM made`)
    return Option.isSome(made) ? made.value : yield* new Access.SlugTaken({ slug })
  }
)

/** A slug with a NUL names no workspace, and PostgreSQL would refuse to compare it. */
const bySlug = (sql: SqlClient.SqlClient, slug: string) =>
  slug.includes("\0")
    ? Effect.succeedNone
    : workspaces.first(sql`SELECT * FROM workspaces WHERE slug = ${slug}`)

const ofUser = (sql: SqlClient.SqlClient, user: Identity.UserId) =>
  workspaces.all(sql`
    SELECT workspaces.* FROM members JOIN workspaces ON workspaces.id = members.workspace_id
    WHERE members.user_id = ${user}
    ORDER BY workspaces.created_at, workspaces.id
    LIMIT ${max}`)

const roleOf = (sql: SqlClient.SqlClient, user: Identity.UserId, workspace: Identity.WorkspaceId) =>
  Effect.map(
    roles.first(sql`SELECT role FROM members WHERE user_id = ${user} AND workspace_id = ${workspace}`),
    Option.map(({ role }) => role)
  )

const membersOf = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId) =>
  members.all(sql`
    SELECT users.id, users.name, users.email, members.role, members.created_at AS joined_at
    FROM members JOIN users ON users.id = members.user_id
    WHERE members.workspace_id = ${workspace}
    ORDER BY members.created_at, users.id
    LIMIT ${max}`)

const setMember = (
  sql: SqlClient.SqlClient,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId,
  role: Identity.Role,
  now: number
) =>
  Effect.asVoid(sql`
    INSERT INTO members (user_id, workspace_id, role, created_at)
    VALUES (${user}, ${workspace}, ${role}, ${now})
    ON CONFLICT (user_id, workspace_id) DO UPDATE SET role = excluded.role`)

/** The part of Access for users, workspaces and members. */
export const workspaceOperations = (sql: SqlClient.SqlClient) =>
  ({
    ensureUser: (email, name) =>
      asOperationNow("Access.ensureUser", (now) =>
        Effect.flatMap(Uuid.random, (id) => ensureUser(sql, email, name, id, now))),
    user: (id) =>
      asOperation("Access.user")(users.first(sql`SELECT * FROM users WHERE id = ${id}`)),
    createWorkspace: (input) =>
      asOperationNow(
        "Access.createWorkspace",
        (now) => Effect.flatMap(Uuid.random, (id) => create(sql, input, id, now))
      ),
    workspace: (id) =>
      asOperation("Access.workspace")(workspaces.first(sql`SELECT * FROM workspaces WHERE id = ${id}`)),
    workspaceBySlug: (slug) => asOperation("Access.workspaceBySlug")(bySlug(sql, slug)),
    workspacesOf: (user) => asOperation("Access.workspacesOf")(ofUser(sql, user)),
    roleOf: (user, workspace) => asOperation("Access.roleOf")(roleOf(sql, user, workspace)),
    membersOf: (workspace) => asOperation("Access.membersOf")(membersOf(sql, workspace)),
    setMember: (user, workspace, role) =>
      asOperationNow("Access.setMember", (now) => setMember(sql, user, workspace, role, now))
  }) satisfies Partial<Access.Access["Service"]>
