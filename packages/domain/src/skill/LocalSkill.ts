import { Schema } from "effect"
import { goText } from "../codec/Go.ts"
import { type Given, withoutNulls } from "../request/Sift.ts"
import { textOf } from "../text/BoundedText.ts"
import * as PlainText from "../text/PlainText.ts"
import * as SkillLimits from "./SkillLimits.ts"
import * as SkillPath from "./SkillPath.ts"

/** The most skills that a runtime lists. */
export const maxLocalSkills = 1_000

/** The most characters of the folder that a skill lies in. */
const maxSourcePath = 4_096

/** A skill as it lies on a daemon's machine. Source: `docs/protocol.md` 7.4. */
export const LocalSkill = Schema.Struct({
  /** Names it below its root: a path with slashes. */
  key: textOf(SkillPath.maxKey),
  name: textOf(SkillLimits.limits.name),
  description: Schema.optionalKey(textOf(SkillLimits.limits.description)),
  /** The folder, with `~` for the person's home. */
  source_path: textOf(maxSourcePath),
  provider: textOf(100),
  /** `SKILL.md` included. */
  file_count: Schema.Int,
  /** Whose folder it lies in: the provider's own, or `shared` for the one that all providers read. */
  root: Schema.optionalKey(Schema.Literals(["provider", "shared"])),
  /** What is unusual about it, so that a CLI may read it otherwise or not at all; a sentence each, without a full stop. */
  notes: Schema.optionalKey(Schema.Array(Schema.String.check(Schema.isMaxLength(256))).check(Schema.isMaxLength(8)))
})
export type LocalSkill = typeof LocalSkill.Type

/** A reported entry of a list of skills whose texts are cut to what is kept: a long description costs no skill. */
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

/** The same of what cannot be imported. */
export const readOmittedSkill = (entry: Given): Given => {
  const { reason, ...rest } = withoutNulls(entry)
  return {
    ...rest,
    ...(reason !== undefined && { reason: typeof reason === "string" ? PlainText.cut(reason, 1_024) : reason })
  }
}

/** A skill that is there and cannot be imported. */
export const OmittedSkill = Schema.Struct({ key: textOf(SkillPath.maxKey), reason: textOf(1_024) })
export type OmittedSkill = typeof OmittedSkill.Type

/** Longer ones are no report at all: what a skill may have is far below, and judged with words of its own. */
const Reported = goText(textOf(65_536))
const ReportedContent = goText(textOf(2 * SkillLimits.limits.bundle))

const ReportedFile = Schema.Struct({
  path: Reported,
  content: ReportedContent,
  executable: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

/** More files than any skill may have are no report at all. */
const maxReportedFiles = 1_024

/** A skill with its files as a daemon reports it, before anything of it is believed. Source: `docs/protocol.md` 7.8. */
export const ReportedBundle = Schema.Struct({
  name: Reported,
  description: Reported,
  content: ReportedContent,
  source_path: Reported,
  provider: Reported,
  files: Schema.optionalKey(Schema.NullOr(Schema.Array(ReportedFile).check(Schema.isMaxLength(maxReportedFiles))))
})
export type ReportedBundle = typeof ReportedBundle.Type
