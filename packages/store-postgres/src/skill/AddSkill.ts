import { RuntimeRegistry, type SkillLibrary, Store } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { skills } from "./SkillRows.ts"

/** The row, if neither its id nor its name exists. An unknown person leaves it without an author. */
const insert = (sql: SqlClient.SqlClient, input: SkillLibrary.NewSkill, now: number) =>
  skills.first(sql`
    INSERT INTO skills (id, workspace_id, name, description, content, config, created_by, created_at, updated_at)
    VALUES (${input.id}, ${input.workspaceId}, ${Store.cleanText(input.name)}, ${Store.cleanText(input.description)},
      ${Store.cleanText(input.content)}, ${jsonText(input.config)}::jsonb,
      (SELECT id FROM users WHERE id = ${input.author}), ${now}, ${now})
    ON CONFLICT DO NOTHING
    RETURNING *`)

/** The existing skill that prevents it, locked until the transaction's end. */
const inTheWay = (sql: SqlClient.SqlClient, { id, name, workspaceId }: SkillLibrary.NewSkill) =>
  skills.first(sql`
    SELECT * FROM skills
    WHERE id = ${id} OR (workspace_id = ${workspaceId} AND name = ${Store.cleanText(name)})
    ORDER BY id = ${id} DESC
    LIMIT 1
    FOR UPDATE`)

const replace = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, id: string, input: SkillLibrary.NewSkill, now: number) {
    yield* sql`DELETE FROM skill_files WHERE skill_id = ${id}`
    return yield* skills.one(sql`
    UPDATE skills SET
      description = ${Store.cleanText(input.description)},
      content = ${Store.cleanText(input.content)},
      config = ${jsonText(input.config)}::jsonb,
      updated_at = ${now}
    WHERE id = ${id}
    RETURNING *`)
  }
)

const insertFiles = (sql: SqlClient.SqlClient, id: string, { files }: SkillLibrary.NewSkill) =>
  files.length === 0 ? Effect.void : sql`
    INSERT INTO skill_files (skill_id, path, content, executable)
    SELECT ${id}, path, content, coalesce(executable, false)
    FROM jsonb_to_recordset(${jsonText(files)}::jsonb) AS file(path text, content text, executable boolean)`

/** One skill with all its files, or nothing, in one transaction. */
export const addSkill = (sql: SqlClient.SqlClient, input: SkillLibrary.NewSkill, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const { author, id, overwrite, workspaceId } = input
    const there = yield* sql`SELECT 1 FROM workspaces WHERE id = ${workspaceId} FOR KEY SHARE`
    if (there.length === 0) return yield* new RuntimeRegistry.WorkspaceAbsent({ workspaceId })
    while (true) {
      const made = yield* insert(sql, input, now)
      if (Option.isSome(made)) {
        yield* insertFiles(sql, id, input)
        return { _tag: "Created", skill: made.value } as SkillLibrary.Added
      }
      const existing = yield* inTheWay(sql, input)
      // It was removed in between, so its name is free.
      if (Option.isNone(existing)) continue
      if (existing.value.id === id) return { _tag: "Created", skill: existing.value } as SkillLibrary.Added
      if (!overwrite || existing.value.createdBy !== author) {
        return { _tag: "Conflict", skill: existing.value } as SkillLibrary.Added
      }
      const skill = yield* replace(sql, existing.value.id, input, now)
      yield* insertFiles(sql, existing.value.id, input)
      return { _tag: "Overwritten", skill } as SkillLibrary.Added
    }
  }))
