import { Schema } from "effect"
import { GoString } from "../wire/Go.ts"

/** The most skills that a runtime lists. */
export const maxLocalSkills = 1_000

/** A skill as it lies on a daemon's machine. Source: `docs/protocol.md` 7.4. */
export const LocalSkill = Schema.Struct({
  /** Names it below its root: a path with slashes. */
  key: Schema.String,
  name: Schema.String,
  description: Schema.optionalKey(Schema.String),
  /** The folder, with `~` for the person's home. */
  source_path: Schema.String,
  provider: Schema.String,
  /** `SKILL.md` included. */
  file_count: Schema.Int,
  /** Whose folder it lies in: the provider's own, or `shared` for the one that all providers read. */
  root: Schema.optionalKey(Schema.Literals(["provider", "shared"])),
  /** What is unusual about it, so that a CLI may read it otherwise or not at all; a sentence each, without a full stop. */
  notes: Schema.optionalKey(Schema.Array(Schema.String.check(Schema.isMaxLength(256))).check(Schema.isMaxLength(8)))
})
export type LocalSkill = typeof LocalSkill.Type

/** A skill that is there and cannot be imported. */
export const OmittedSkill = Schema.Struct({ key: Schema.String, reason: Schema.String })
export type OmittedSkill = typeof OmittedSkill.Type

const ReportedFile = Schema.Struct({
  path: GoString,
  content: GoString,
  executable: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

/** More files than any skill may have are no report at all. */
const maxReportedFiles = 1_024

/** A skill with its files as a daemon reports it, before anything of it is believed. Source: `docs/protocol.md` 7.8. */
export const ReportedBundle = Schema.Struct({
  name: GoString,
  description: GoString,
  content: GoString,
  source_path: GoString,
  provider: GoString,
  files: Schema.optionalKey(Schema.NullOr(Schema.Array(ReportedFile).check(Schema.isMaxLength(maxReportedFiles))))
})
export type ReportedBundle = typeof ReportedBundle.Type
