import { Skill } from "@muster/domain"
import { Schema } from "effect"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `skills`. */
export const skills = rowsOf(Skill.Skill)
export const summaries = rowsOf(Skill.SkillSummary)

const FileRow = Schema.Struct({ ...Skill.SkillFile.fields, executable: Schema.Boolean })

/** Rows of `skill_files`. */
export const files = rowsOf(FileRow)

/** Validates a file's row, with an error that names the field. */
export const fileOf = ({ executable, ...file }: typeof FileRow.Type): Skill.SkillFile =>
  executable ? { ...file, executable } : file
