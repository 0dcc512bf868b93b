import { Schema } from "effect"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { listOf } from "../text/BoundedText.ts"
import { Skill, SkillFile, SkillSummary, WholeSkill } from "./Skill.ts"
import * as SkillLimits from "./SkillLimits.ts"

const times = { createdAt: RowTime, updatedAt: RowTime }

/** A skill as the API shows it, without its files. Source: `docs/protocol.md` 7.4. */
export const SkillRecord = snakeKeys(Schema.Struct({ ...Skill.fields, ...times }))

/** With its files. */
export const WholeSkillRecord = snakeKeys(
  Schema.Struct({ ...WholeSkill.fields, files: listOf(SkillFile, SkillLimits.limits.files), ...times })
)

/** As a list shows it. */
export const SkillSummaryRecord = snakeKeys(Schema.Struct({ ...SkillSummary.fields, ...times }))
