/** Bounds of one skill, in UTF-8 bytes and in files beside its `SKILL.md`. Source: `docs/protocol.md` 15.4. */
export const limits = {
  /** One file, `SKILL.md` included. */
  file: 1024 * 1024,
  /** All files together, `SKILL.md` included. */
  bundle: 8 * 1024 * 1024,
  /** Files beside `SKILL.md`. */
  files: 256,
  /** Characters of a name, a description and a file's path. */
  name: 256,
  description: 8_192,
  path: 512
} as const

/** The error texts of a skill that exceeds a bound. */
export const limitTexts = {
  entry: `SKILL.md exceeds ${limits.file} bytes`,
  files: `local skill exceeds ${limits.files} files`,
  bundle: `local skill exceeds ${limits.bundle} bytes in total`,
  name: `the skill's name exceeds ${limits.name} characters`,
  description: `the skill's description exceeds ${limits.description} characters`
} as const
