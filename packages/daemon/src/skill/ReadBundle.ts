import { Skill, SkillParts, SkillPath } from "@muster/domain"
import { Effect, Result } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { withPlugins } from "./ClaudePlugins.ts"
import { entriesOf, entryNameOf, isVisible } from "./Entries.ts"
import { maxDepth } from "./FindSkills.ts"
import { shownPath } from "./ListSkills.ts"
import { readText } from "./ReadText.ts"
import { surveySkill } from "./SkillFolder.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"
import type { SkillRoot } from "./SkillQuestion.ts"

const notFound = problem("local skill not found")

/** Returns the folder that a key names in a root; undefined for a key that a list does not contain. */
const placeIn = ({ path, prefix = "", skill }: SkillRoot, key: string): string | undefined => {
  if (!key.startsWith(prefix)) return undefined
  const rest = key.slice(prefix.length)
  if (skill !== undefined) return rest === skill ? path : undefined
  const parts = rest.split("/")
  const isListed = parts.length <= maxDepth && parts.every(isVisible) && parts.slice(0, -1).every(SkillParts.isFolder)
  return isListed ? join(path, ...parts) : undefined
}

/** Returns whether a folder is a skill; one that cannot be read may be. */
const isSkill = (fs: FileSystem, folder: string) =>
  entriesOf(fs, folder).pipe(
    Effect.map((entries) => entryNameOf(entries) !== undefined),
    Effect.orElseSucceed(() => true)
  )

/** Returns the folder that a key names, and the prefix of the skill's name, from the first root with such a skill. */
const locate = Effect.fnUntraced(function*(
  fs: FileSystem,
  roots: ReadonlyArray<SkillRoot>,
  home: string,
  key: string
): Effect.fn.Return<{ readonly folder: string; readonly prefix: string }, SkillProblem> {
  const refused = SkillPath.refuseKey(key)
  if (refused !== undefined) return yield* problem(refused)
  let wrong = notFound
  for (const root of (yield* withPlugins(fs, roots)).roots) {
    const folder = placeIn(root, SkillPath.cleanKey(key))
    if (folder === undefined) continue
    const found = yield* Effect.result(fs.stat(folder))
    if (Result.isFailure(found)) {
      if (!isAbsent(found.failure)) wrong = problem(unreadable(shownPath(folder, home), found.failure))
    } else if (found.success.type !== "Directory") wrong = problem("local skill is not a directory")
    else if (yield* isSkill(fs, folder)) return { folder, prefix: root.prefix ?? "" }
    else wrong = problem(`open ${shownPath(join(folder, "SKILL.md"), home)}: no such file or directory`)
  }
  return yield* wrong
})

/** Reads a skill with all its files, one after the other, at most 8 MiB. */
export const readBundle = Effect.fnUntraced(function*(
  fs: FileSystem,
  provider: string,
  roots: ReadonlyArray<SkillRoot>,
  home: string,
  key: string
) {
  const { folder, prefix } = yield* locate(fs, roots, home, key)
  const { content, description, files: surveyed, name } = yield* surveySkill(fs, folder, prefix)
  const files: Array<Skill.SkillFile> = []
  for (const { executable, path, size } of surveyed) {
    const read = yield* readText(fs, join(folder, path), Math.min(size, Skill.limits.file)).pipe(
      Effect.mapError((error) => problem(unreadable(path, error)))
    )
    if (read._tag === "TooLarge") return yield* problem(`${path} grew while it was read`)
    if (read._tag === "Text") files.push({ path, content: read.text, ...(executable ? { executable } : {}) })
  }
  return { name, description, content, source_path: shownPath(folder, home), provider, files }
})
