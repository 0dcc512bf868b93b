import { Access, Identity, MemberRules, Membership, Store, Workspace } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import { type SqlClient, SqlError } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { codeOf } from "../client/Fault.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { depart } from "./Departures.ts"
import { refused, roleOf, takeTurn } from "./Locks.ts"

type Service = Membership.Membership["Service"]

const users = rowsOf(Identity.User)
const workspaces = rowsOf(Workspace.Workspace)
const contents = rowsOf(Workspace.WorkspaceContents)
const slugs = rowsOf(Schema.Struct({ slug: Schema.String }))

/** A deletion removes many rows. */
const deletionDeadline = "30 seconds"

/** Whether another row has a unique value. */
const isTaken = (error: unknown) => SqlError.isSqlError(error) && codeOf(error) === "23505"

const textOr = (text: string | null | undefined) => text == null ? null : Store.cleanText(text)
const jsonOr = (value: Schema.Json | undefined) => value === undefined ? null : jsonText(value)

const editUser = (sql: SqlClient.SqlClient, id: Identity.UserId, { email, name }: Membership.UserEdit) =>
  users.first(sql`
    UPDATE users SET name = coalesce(${textOr(name)}, name), email = coalesce(${textOr(email)}, email),
      email_claimed = email_claimed OR email <> coalesce(${textOr(email)}, email)
    WHERE id = ${id}
    RETURNING *`).pipe(Effect.catchIf(isTaken, () => Effect.fail(new Membership.EmailTaken({ email: email ?? "" }))))

type WorkspaceChange = Parameters<Service["editWorkspace"]>[0]

const editWorkspace = (sql: SqlClient.SqlClient, { by, edit, workspaceId }: WorkspaceChange, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* takeTurn(sql, workspaceId)
    const role = yield* roleOf(sql, by, workspaceId)
    if (role === undefined) return yield* refused("outsider")
    if (!MemberRules.mayEditWorkspace(role)) return yield* refused("forbidden")
    return yield* workspaces.one(sql`
      UPDATE workspaces SET
        name = coalesce(${textOr(edit.name)}, name),
        slug = coalesce(${textOr(edit.slug)}, slug),
        description = CASE WHEN ${edit.description !== undefined} THEN ${textOr(edit.description)} ELSE description END,
        context = CASE WHEN ${edit.context !== undefined} THEN ${textOr(edit.context)} ELSE context END,
        issue_prefix = coalesce(${textOr(edit.issuePrefix)}, issue_prefix),
        settings = coalesce(${jsonOr(edit.settings)}::jsonb, settings),
        repos = coalesce(${jsonOr(edit.repos)}::jsonb, repos),
        updated_at = ${now}
      WHERE id = ${workspaceId}
      RETURNING *`).pipe(
      Effect.catchIf(isTaken, () => Effect.fail(new Access.SlugTaken({ slug: edit.slug ?? "" })))
    )
  }))

const contentsOf = (sql: SqlClient.SqlClient, id: Identity.WorkspaceId, now: number) =>
  contents.first(sql`
    SELECT (SELECT count(*)::integer FROM members WHERE workspace_id = ${id}) AS members,
      (SELECT count(*)::integer FROM invitations
        WHERE workspace_id = ${id} AND status = 'pending' AND expires_at > ${now}) AS invitations,
      (SELECT count(*)::integer FROM runtimes WHERE workspace_id = ${id}) AS runtimes,
      (SELECT count(*)::integer FROM machine_workspaces AS served
        JOIN machines ON machines.id = machine_id
        JOIN members ON members.workspace_id = served.workspace_id AND members.user_id = machines.owner_id
        WHERE served.workspace_id = ${id}) AS machines,
      (SELECT count(*)::integer FROM daemon_tokens
        WHERE workspace_id = ${id} AND expires_at > ${now}) AS daemon_tokens,
      (SELECT count(*)::integer FROM skills WHERE workspace_id = ${id}) AS skills,
      (SELECT count(*)::integer FROM request_journal WHERE workspace_id = ${id}) AS requests
    FROM workspaces WHERE id = ${id}`)

type Deletion = Parameters<Service["deleteWorkspace"]>[0]

const deleteWorkspace = (sql: SqlClient.SqlClient, { by, confirm, workspaceId }: Deletion, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SET LOCAL statement_timeout = '25s'`
    // Waits for running registrations; later ones find no workspace.
    const found = yield* slugs.first(sql`SELECT slug FROM workspaces WHERE id = ${workspaceId} FOR UPDATE`)
    const role = yield* roleOf(sql, by, workspaceId)
    if (role === undefined || Option.isNone(found)) return yield* refused("outsider")
    if (!MemberRules.mayDeleteWorkspace(role)) return yield* refused("forbidden")
    const { slug } = found.value
    if (slug !== confirm) return yield* new Membership.NotConfirmed({ slug })
    const departed = yield* depart(sql, { workspaceId, leaver: null, reason: "workspace_deleted", by }, now)
    yield* sql`DELETE FROM workspaces WHERE id = ${workspaceId}`
    return departed
  }))

/** The part of Membership for users and workspaces. */
export const workspaceChangeOperations = (sql: SqlClient.SqlClient) =>
  ({
    editUser: (user, edit) => asOperation("Membership.editUser")(editUser(sql, user, edit)),
    editWorkspace: (change) => asOperationNow("Membership.editWorkspace", (now) => editWorkspace(sql, change, now)),
    contentsOf: (workspace) => asOperationNow("Membership.contentsOf", (now) => contentsOf(sql, workspace, now)),
    deleteWorkspace: (change) =>
      asOperationNow("Membership.deleteWorkspace", (now) => deleteWorkspace(sql, change, now), deletionDeadline)
  }) satisfies Partial<Service>
