import { cleanSkillKey, refuseSkillKey, type SkillFile, skillLimits } from "@muster/domain"
import { Effect, Result } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { isVisible } from "./Entries.ts"
import { maxDepth } from "./FindSkills.ts"
import { shownPath } from "./ListSkills.ts"
import { readText } from "./ReadText.ts"
import { surveySkill } from "./SkillFolder.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"
import type { SkillRoot } from "./SkillRoots.ts"

const notFound = problem("local skill not found")

/** The folder that a key names: the first of the roots that has a skill there. */
const locate = Effect.fnUntraced(function*(
  fs: FileSystem,
  roots: ReadonlyArray<SkillRoot>,
  home: string,
  key: string
): Effect.fn.Return<string, SkillProblem> {
  const refused = refuseSkillKey(key)
  if (refused !== undefined) return yield* problem(refused)
  const parts = cleanSkillKey(key).split("/")
  // What the list does not show cannot be had either.
  if (parts.length > maxDepth || !parts.every(isVisible)) return yield* notFound
  let wrong = notFound
  for (const { path } of roots) {
    const folder = join(path, ...parts)
    const found = yield* Effect.result(fs.stat(folder))
    if (Result.isFailure(found)) {
      if (!isAbsent(found.failure)) wrong = problem(unreadable(shownPath(folder, home), found.failure))
    } else if (found.success.type !== "Directory") wrong = problem("local skill is not a directory")
    else if (yield* fs.exists(join(folder, "SKILL.md")).pipe(Effect.orElseSucceed(() => true))) return folder
    else wrong = problem(`open ${shownPath(join(folder, "SKILL.md"), home)}: no such file or directory`)
  }
  return yield* wrong
})

/** A skill with all its files, at most 8 MiB of them in memory, one file read after the other. */
export const readBundle = Effect.fnUntraced(function*(
  fs: FileSystem,
  provider: string,
  roots: ReadonlyArray<SkillRoot>,
  home: string,
  key: string
) {
  const folder = yield* locate(fs, roots, home, key)
  const { content, description, files: surveyed, name } = yield* surveySkill(fs, folder)
  const files: Array<SkillFile> = []
  for (const { path, size } of surveyed) {
    const read = yield* readText(fs, join(folder, path), Math.min(size, skillLimits.file)).pipe(
      Effect.mapError((error) => problem(unreadable(path, error)))
    )
    if (read._tag === "TooLarge") return yield* problem(`${path} grew while it was read`)
    if (read._tag === "Text") files.push({ path, content: read.text })
  }
  return { name, description, content, source_path: shownPath(folder, home), provider, files }
})
