import { Schema } from "effect"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { Uuid } from "../id/Uuid.ts"

export * from "./SkillLimits.ts"

export const SkillId = Uuid.pipe(Schema.brand("SkillId"))
export type SkillId = typeof SkillId.Type

/** A file next to a skill's `SKILL.md`; its path as `SkillPath.filePath` returns it. */
export const SkillFile = Schema.Struct({
  path: Schema.String,
  content: Schema.String,
  /** Its owner may run it. Absent: no. */
  executable: Schema.optionalKey(Schema.Boolean)
})
export type SkillFile = typeof SkillFile.Type

const head = {
  id: SkillId,
  workspaceId: WorkspaceId,
  /** Unique within the workspace; 1 to 256 characters. */
  name: Schema.String,
  /** What it is for; may be empty. */
  description: Schema.String,
  /** `origin` is the source of an imported one: the runtime, its provider and the folder. */
  config: Schema.Record(Schema.String, Schema.Json),
  /** Its author. Null: no longer known. */
  createdBy: Schema.NullOr(UserId),
  createdAt: Schema.Finite,
  updatedAt: Schema.Finite
}

/** The entry of a skill in a list. Times are epoch milliseconds. */
export const SkillSummary = Schema.Struct({
  ...head,
  /** `SKILL.md` included. */
  fileCount: Schema.Int
})
export type SkillSummary = typeof SkillSummary.Type

/** A folder of instructions for agents, as a workspace keeps it, without the files next to its `SKILL.md`. */
export const Skill = Schema.Struct({
  ...head,
  /** The text of `SKILL.md`; at most 1 MiB. */
  content: Schema.String
})
export type Skill = typeof Skill.Type

/** A skill with its files. At most 256 files and 8 MiB in all; in the order of their paths. */
export const WholeSkill = Schema.Struct({ ...Skill.fields, files: Schema.Array(SkillFile) })
export type WholeSkill = typeof WholeSkill.Type
