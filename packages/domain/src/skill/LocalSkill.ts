import { Schema } from "effect"
import { goText } from "../codec/Go.ts"
import { type Given, withoutNulls } from "../request/Sift.ts"
import { textOf } from "../text/BoundedText.ts"
import * as PlainText from "../text/PlainText.ts"
import * as SkillLimits from "./SkillLimits.ts"
import * as SkillPath from "./SkillPath.ts"

/** The maximum number of skills that a runtime lists. */
export const maxLocalSkills = 1_000

/** The maximum characters of the folder of a skill. */
const maxSourcePath = 4_096

/** A skill on a daemon's machine. Source: `docs/protocol.md` 7.4. */
export const LocalSkill = Schema.Struct({
  /** Its path below its root, with slashes. */
  key: textOf(SkillPath.maxKey),
  name: textOf(SkillLimits.limits.name),
  description: Schema.optionalKey(textOf(SkillLimits.limits.description)),
  /** The folder, with `~` for the person's home. */
  source_path: textOf(maxSourcePath),
  provider: textOf(100),
  /** `SKILL.md` included. */
  file_count: Schema.Int,
  /** The owner of its folder: the provider, or `shared` for the folder that all providers read. */
  root: Schema.optionalKey(Schema.Literals(["provider", "shared"])),
  /**
   * What is unusual about it, so that a CLI may read it differently or not at all; a sentence each, without a full
   * stop.
   */
  notes: Schema.optionalKey(Schema.Array(Schema.String.check(Schema.isMaxLength(256))).check(Schema.isMaxLength(8)))
})
export type LocalSkill = typeof LocalSkill.Type

/**
 * A reported entry of a list of skills whose texts are cut to the maximum: a long description does not exclude a skill.
 */
export const readLocalSkill = (entry: Given): Given => {
  const { description, name, ...rest } = withoutNulls(entry)
  return {
    ...rest,
    ...(name !== undefined &&
      { name: typeof name === "string" ? PlainText.plainText(name, SkillLimits.limits.name) : name }),
    ...(description !== undefined &&
      {
        description: typeof description === "string"
          ? PlainText.cut(description, SkillLimits.limits.description)
          : description
      })
  }
}

/** The same for a skill that cannot be imported. */
export const readOmittedSkill = (entry: Given): Given => {
  const { reason, ...rest } = withoutNulls(entry)
  return {
    ...rest,
    ...(reason !== undefined && { reason: typeof reason === "string" ? PlainText.cut(reason, 1_024) : reason })
  }
}

/** A skill that exists and cannot be imported. */
export const OmittedSkill = Schema.Struct({ key: textOf(SkillPath.maxKey), reason: textOf(1_024) })
export type OmittedSkill = typeof OmittedSkill.Type

/** A longer text makes the report invalid: the limits of a skill are far below, with error texts of their own. */
const Reported = goText(textOf(65_536))
const ReportedContent = goText(textOf(2 * SkillLimits.limits.bundle))

const ReportedFile = Schema.Struct({
  path: Reported,
  content: ReportedContent,
  executable: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

/** More files make the report invalid. */
const maxReportedFiles = 1_024

/** A skill with its files as a daemon reports it, before validation. Source: `docs/protocol.md` 7.8. */
export const ReportedBundle = Schema.Struct({
  name: Reported,
  description: Reported,
  content: ReportedContent,
  source_path: Reported,
  provider: Reported,
  files: Schema.optionalKey(Schema.NullOr(Schema.Array(ReportedFile).check(Schema.isMaxLength(maxReportedFiles))))
})
export type ReportedBundle = typeof ReportedBundle.Type
