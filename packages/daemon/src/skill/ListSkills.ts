import { LocalSkill, SkillBundle, SkillPath } from "@muster/domain"
import { Effect, Result } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { withPlugins } from "./ClaudePlugins.ts"
import { findSkills, maxFolders } from "./FindSkills.ts"
import { type SkillFolder, surveySkill } from "./SkillFolder.ts"
import { problem } from "./SkillProblem.ts"
import type { SkillRoot } from "./SkillQuestion.ts"

/** The maximum length of a description in a list, in characters. */
const maxDescription = 1_024

export interface SkillsFound {
  readonly skills: ReadonlyArray<LocalSkill.LocalSkill>
  /** Those that cannot be imported. */
  readonly omitted: ReadonlyArray<LocalSkill.OmittedSkill>
}

/** How many skills are read concurrently. */
const concurrency = 4

/** Returns a path as people write it, with `~` for their home. */
export const shownPath = (path: string, home: string): string =>
  path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path

const short = (text: string) => text.length > maxDescription ? `${text.slice(0, maxDescription - 1)}…` : text

/** Returns whether an import can name it: keys are trimmed and contain neither control characters nor `\\`. */
const isNameable = (key: string) => SkillPath.refuseKey(key) === undefined && SkillPath.cleanKey(key) === key

/** Fails with the reason why a workspace would refuse the skill. */
const importable = (skill: SkillFolder) => {
  const long = SkillBundle.longWords(skill)
  return long === undefined ? Effect.succeed(skill) : Effect.fail(problem(long))
}

/** A root that is a skill itself. */
const itself = (path: string, key: string) => Effect.succeed({ skills: [{ key, path }], cut: false, unread: [] })

/**
 * Returns the skills below these roots, the first of each key, at most `max`; and those that cannot be imported, with the
 * reason.
 */
export const listSkills = Effect.fnUntraced(function*(
  fs: FileSystem,
  provider: string,
  roots: ReadonlyArray<SkillRoot>,
  home: string,
  max: number = LocalSkill.maxLocalSkills
) {
  const all = yield* withPlugins(fs, roots)
  const found = yield* Effect.forEach(
    all.roots,
    ({ path, prefix = "", root, skill }) =>
      Effect.map(skill === undefined ? findSkills(fs, path) : itself(path, skill), ({ cut, skills, unread }) => ({
        skills: skills.map(({ key, path }) => ({ key: prefix + key, path, prefix, root })),
        left: [
          ...(cut ? [{ key: shownPath(path, home), reason: `more than ${maxFolders} folders` }] : []),
          ...unread.map(({ key, reason }) => ({ key: shownPath(join(path, key), home), reason }))
        ]
      }))
  )
  const byKey = new Map(found.flatMap(({ skills }) => skills).toReversed().map((skill) => [skill.key, skill]))
  const sorted = [...byKey.values()].toSorted((a, b) => a.key < b.key ? -1 : 1)
  const nameable = sorted.filter(({ key }) => isNameable(key))
  const nameless = sorted.filter(({ key }) => !isNameable(key)).map(({ key }): LocalSkill.OmittedSkill => ({
    key: key.slice(0, SkillPath.maxKey),
    reason: "no import can name it: rename its folder"
  }))

  // Only the summary of each skill is kept: all their texts together are large.
  const looked = yield* Effect.forEach(
    nameable.slice(0, max),
    ({ key, path, prefix, root }) =>
      surveySkill(fs, path, prefix).pipe(
        Effect.flatMap(importable),
        Effect.map(({ description, files, name, notes }): LocalSkill.LocalSkill => ({
          key,
          name,
          ...(description === "" ? {} : { description: short(description) }),
          source_path: shownPath(path, home),
          provider,
          file_count: files.length + 1,
          root,
          ...(notes.length === 0 ? {} : { notes })
        })),
        Effect.mapError(({ message }): LocalSkill.OmittedSkill => ({ key, reason: message })),
        Effect.result
      ),
    { concurrency }
  )
  const beyond = nameable.slice(max).map(({ key }): LocalSkill.OmittedSkill => ({
    key,
    reason: `more than ${max} skills`
  }))
  return {
    skills: looked.filter(Result.isSuccess).map(({ success }) => success),
    omitted: [
      ...all.unread.map(({ key, reason }) => ({ key: shownPath(key, home), reason })),
      ...found.flatMap(({ left }) => left),
      ...looked.filter(Result.isFailure).map(({ failure }) => failure),
      ...nameless,
      ...beyond
    ].slice(0, LocalSkill.maxLocalSkills)
  }
})
