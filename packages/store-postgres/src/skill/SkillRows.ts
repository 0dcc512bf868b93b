import { Skill, SkillFile, SkillSummary } from "@muster/domain"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `skills`. */
export const skills = rowsOf(Skill)
export const summaries = rowsOf(SkillSummary)

/** Rows of `skill_files`. */
export const files = rowsOf(SkillFile)
