import { type Identity, type Skill, SkillLibrary, Store } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { addSkill } from "./AddSkill.ts"
import { fileOf, files, skills, summaries } from "./SkillRows.ts"

const list = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, after: string | undefined, max: number) =>
  summaries.all(sql`
    SELECT id, workspace_id, name, description, config, created_by, created_at, updated_at,
      1 + (SELECT count(*) FROM skill_files WHERE skill_id = skills.id)::integer AS file_count
    FROM skills
    WHERE workspace_id = ${workspace} AND (${after === undefined} OR name > ${Store.cleanText(after ?? "")})
    ORDER BY name
    LIMIT ${Math.min(max, SkillLibrary.maxPage)}`)

/** Skill and files at the same moment. */
const get = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, id: Skill.SkillId) =>
  sql.withTransaction(Effect.gen(function*() {
    const skill = yield* skills.first(
      sql`SELECT * FROM skills WHERE id = ${id} AND workspace_id = ${workspace} FOR SHARE`
    )
    if (Option.isNone(skill)) return Option.none()
    const rows = yield* files.all(
      sql`SELECT path, content, executable FROM skill_files WHERE skill_id = ${id} ORDER BY path`
    )
    return Option.some({ ...skill.value, files: rows.map(fileOf) })
  }))

const remove = (sql: SqlClient.SqlClient, workspace: Identity.WorkspaceId, id: Skill.SkillId) =>
  Effect.map(
    sql`DELETE FROM skills WHERE id = ${id} AND workspace_id = ${workspace} RETURNING id`,
    (rows) => rows.length > 0
  )

/** Skills in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const SkillLibraryPostgres = {
  layer: Layer.effect(
    SkillLibrary.SkillLibrary,
    Effect.map(SqlClient.SqlClient, (sql) =>
      SkillLibrary.SkillLibrary.of({
        add: (input) => asOperationNow("SkillLibrary.add", (now) => addSkill(sql, input, now)),
        list: (workspace, { after, max }) => asOperation("SkillLibrary.list")(list(sql, workspace, after, max)),
        get: (workspace, id) => asOperation("SkillLibrary.get")(get(sql, workspace, id)),
        remove: (workspace, id) => asOperation("SkillLibrary.remove")(remove(sql, workspace, id))
      }))
  )
}
