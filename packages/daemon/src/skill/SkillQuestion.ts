import { Schema } from "effect"

/** A folder of skills, and its owner: one provider, or all. */
export const SkillRoot = Schema.Struct({
  /** Absolute. */
  path: Schema.String,
  root: Schema.Literals(["provider", "shared"]),
  /** What the keys and names of its skills begin with, such as `plugin:`. Absent: nothing. */
  prefix: Schema.optionalKey(Schema.String),
  /** It is itself one skill, with this key. Absent: its skills are below it. */
  skill: Schema.optionalKey(Schema.String),
  /** Plugins of Claude Code are kept here: their skills' roots are found by reading (`withPlugins`). */
  plugins: Schema.optionalKey(Schema.Literal(true))
})
export type SkillRoot = typeof SkillRoot.Type

/** A question about the skills of a provider, to a reader. */
export const SkillQuestion = Schema.Struct({
  provider: Schema.String,
  /** Where its skills are, the first that counts first. */
  roots: Schema.Array(SkillRoot),
  /** The home of the daemon's user: paths are shown below it. */
  home: Schema.String,
  /** The request's payload. */
  payload: Schema.Unknown
})
export type SkillQuestion = typeof SkillQuestion.Type
