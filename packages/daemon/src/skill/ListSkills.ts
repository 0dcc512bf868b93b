import { LocalSkill, SkillBundle, SkillPath } from "@muster/domain"
import { Array as Arr, Effect, Result } from "effect"
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

/** A skill in a root. */
interface Place {
  readonly key: string
  readonly path: string
  readonly prefix: string
  readonly root: SkillRoot["root"]
}

/** Returns the skills in one root, and what in it could not be read. */
const placesIn = (fs: FileSystem, { path, prefix = "", root, skill }: SkillRoot, home: string) =>
  Effect.map(skill === undefined ? findSkills(fs, path) : itself(path, skill), ({ cut, skills, unread }) => ({
    skills: skills.map(({ key, path }): Place => ({ key: prefix + key, path, prefix, root })),
    left: [
      ...(cut ? [{ key: shownPath(path, home), reason: `more than ${maxFolders} folders` }] : []),
      ...unread.map(({ key, reason }) => ({ key: shownPath(join(path, key), home), reason }))
    ]
  }))

/** Returns the first place of each key, in the order of the keys. */
const firstOfEach = (places: ReadonlyArray<Place>): ReadonlyArray<Place> =>
  [...new Map(places.toReversed().map((place) => [place.key, place])).values()]
    .toSorted((a, b) => a.key < b.key ? -1 : 1)

/** Returns the summary of a skill. Fails with the reason why it cannot be imported. */
const summarize = (fs: FileSystem, { key, path, prefix, root }: Place, provider: string, home: string) =>
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
    Effect.mapError(({ message }): LocalSkill.OmittedSkill => ({ key, reason: message }))
  )

const omitted = (places: ReadonlyArray<Place>, reason: string) =>
  places.map(({ key }): LocalSkill.OmittedSkill => ({ key: key.slice(0, SkillPath.maxKey), reason }))

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
  const found = yield* Effect.forEach(all.roots, (root) => placesIn(fs, root, home))
  const [nameable, nameless] = Arr.partition(
    firstOfEach(found.flatMap(({ skills }) => skills)),
    (place) => isNameable(place.key) ? Result.succeed(place) : Result.fail(place)
  )
  // Only the summary of each skill is kept: all their texts together are large.
  const [skills, refused] = Arr.partition(
    yield* Effect.forEach(
      nameable.slice(0, max),
      (place) => Effect.result(summarize(fs, place, provider, home)),
      { concurrency }
    ),
    (result) => result
  )
  return {
    skills,
    omitted: [
      ...all.unread.map(({ key, reason }) => ({ key: shownPath(key, home), reason })),
      ...found.flatMap(({ left }) => left),
      ...refused,
      ...omitted(nameless, "no import can name it: rename its folder"),
      ...omitted(nameable.slice(max), `more than ${max} skills`)
    ].slice(0, LocalSkill.maxLocalSkills)
  }
})
