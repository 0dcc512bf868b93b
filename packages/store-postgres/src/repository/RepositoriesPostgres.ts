import { type Identity, MemberRules, Repositories, Repository, Workspace } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { refused, roleOf, takeTurn } from "../membership/Locks.ts"

type Service = Repositories.Repositories["Service"]
type Change = Pick<Parameters<Service["remove"]>[0], "workspaceId" | "by">

const workspaces = rowsOf(Workspace.Workspace)

const find = (sql: SqlClient.SqlClient, id: Identity.WorkspaceId) =>
  workspaces.first(sql`SELECT * FROM workspaces WHERE id = ${id}`)

/** Serializes the changes of the workspace until the transaction ends. Returns it, for a member who may change it. */
const changeable = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, { by, workspaceId }: Change) {
  yield* takeTurn(sql, workspaceId)
  const role = yield* roleOf(sql, by, workspaceId)
  const workspace = yield* find(sql, workspaceId)
  if (role === undefined || Option.isNone(workspace)) return yield* refused("outsider")
  if (!MemberRules.mayEditWorkspace(role)) return yield* refused("forbidden")
  return workspace.value
})

const putRepos = (
  sql: SqlClient.SqlClient,
  id: Identity.WorkspaceId,
  repos: Workspace.Workspace["repos"],
  now: number
) => sql`UPDATE workspaces SET repos = ${jsonText(repos)}::jsonb, updated_at = ${now} WHERE id = ${id}`

const add = (sql: SqlClient.SqlClient, { address, ...change }: Parameters<Service["add"]>[0], now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { id, repos } = yield* changeable(sql, change)
    const added = yield* Effect.fromResult(Repository.withRepository(repos, address, change.by, now))
    if (added.isNew) yield* putRepos(sql, id, added.repos, now)
    return { repository: added.repository, isNew: added.isNew }
  }))

const remove = (sql: SqlClient.SqlClient, { url, ...change }: Parameters<Service["remove"]>[0], now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { id, repos } = yield* changeable(sql, change)
    const kept = Repository.withoutRepository(repos, url)
    if (kept !== undefined) yield* putRepos(sql, id, kept, now)
    return kept !== undefined
  }))

type SettingsChange = Parameters<Service["editSettings"]>[0]

const editSettings = (sql: SqlClient.SqlClient, { edit, ...change }: SettingsChange, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { id } = yield* changeable(sql, change)
    const edited = yield* workspaces.one(sql`
      UPDATE workspaces SET settings = settings || ${jsonText(Repository.settingsRecord(edit))}::jsonb,
        updated_at = ${now}
      WHERE id = ${id}
      RETURNING *`)
    return Repository.settingsIn(edited.settings)
  }))

const make = (sql: SqlClient.SqlClient) =>
  Repositories.Repositories.of({
    list: (id) =>
      asOperation("Repositories.list")(
        Effect.map(find(sql, id), Option.map(({ repos }) => Repository.repositoriesIn(repos)))
      ),
    add: (change) => asOperationNow("Repositories.add", (now) => add(sql, change, now)),
    remove: (change) => asOperationNow("Repositories.remove", (now) => remove(sql, change, now)),
    settings: (id) =>
      asOperation("Repositories.settings")(
        Effect.map(find(sql, id), Option.map(({ settings }) => Repository.settingsIn(settings)))
      ),
    editSettings: (change) => asOperationNow("Repositories.editSettings", (now) => editSettings(sql, change, now))
  })

/** The repositories and settings of workspaces in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const RepositoriesPostgres = {
  layer: Layer.effect(Repositories.Repositories, Effect.map(SqlClient.SqlClient, make))
}
