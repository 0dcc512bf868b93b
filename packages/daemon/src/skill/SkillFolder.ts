import { FrontMatter, Skill } from "@muster/domain"
import { Effect } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { basename } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { readEntry } from "./SkillEntry.ts"
import { type SurveyedFile, surveyFiles } from "./SkillFiles.ts"
import { problem, type SkillProblem, unreadable } from "./SkillProblem.ts"

/** A skill's folder as it was looked over. */
export interface SkillFolder {
  readonly name: string
  readonly description: string
  readonly content: string
  /** In the order of their paths. */
  readonly files: ReadonlyArray<SurveyedFile>
  /** What is unusual about it. */
  readonly notes: ReadonlyArray<string>
}

const counted = (count: number, one: string, many: string) =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`]

/**
 * Looks a skill over without keeping its files in memory; fails where it is over a limit. `prefix`: what its name begins
 * with, such as `plugin:`.
 */
export const surveySkill = Effect.fnUntraced(function*(
  fs: FileSystem,
  folder: string,
  prefix: string
): Effect.fn.Return<SkillFolder, SkillProblem> {
  const entries = yield* entriesOf(fs, folder).pipe(
    Effect.mapError((error) => problem(unreadable("the folder", error)))
  )
  const entry = entryNameOf(entries) ?? "SKILL.md"
  const { bytes, content } = yield* readEntry(fs, folder, entry)
  if (bytes > Skill.limits.file) return yield* problem(Skill.limitTexts.entry)
  const { description, name, notes } = FrontMatter.of(content)
  const { files, foreign, links } = yield* surveyFiles(fs, folder, bytes)
  return {
    name: prefix + (name || basename(folder)),
    description,
    content,
    files,
    notes: [
      ...(entry === "SKILL.md" ? [] : [`its file is named ${entry}, not SKILL.md`]),
      ...notes,
      ...counted(links, "link in its folder is not followed", "links in its folder are not followed"),
      ...counted(foreign, "file is left out: not text, or over 1 MiB", "files are left out: not text, or over 1 MiB")
    ]
  }
})
