import { Skill, SkillParts, SkillPath } from "@muster/domain"
import { Effect, Option } from "effect"
import type { DirectoryEntry, FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { join } from "node:path"
import { entriesOf } from "./Entries.ts"
import { looksLikeText } from "./ReadText.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"

/** The maximum number of folders and of entries in a skill, and the maximum depth. */
const maxFolders = 512
const maxEntries = 4_096
const maxDepth = 16

/** A file of a skill other than `SKILL.md`. */
export interface SurveyedFile {
  /** Within the skill, with slashes. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Whether its owner may run it. */
  readonly executable: boolean
}

const ownerMayRun = 0o100

/**
 * Returns none if it was removed in the meantime; fails if it exists and cannot be read, since the skill would be incomplete.
 */
const unlessGone = <A>(
  path: string,
  read: Effect.Effect<A, PlatformError>
): Effect.Effect<Option.Option<A>, SkillProblem> =>
  read.pipe(
    Effect.asSome,
    Effect.catch((error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(problem(unreadable(path, error))))
  )

/** Returns whether an entry of a skill's folder can belong to the skill. */
const matters = ({ name, type }: DirectoryEntry) =>
  type === "Directory" ? SkillParts.isFolder(name) : SkillParts.isFile(name)

/**
 * Returns the files of a skill other than `SKILL.md`: text, at most 1 MiB each. Links are not followed (`links`: their number),
 * other files are skipped (`foreign`: their number), dependencies and caches are not part of it. Fails if there are too many.
 */
export const surveyFiles = Effect.fnUntraced(function*(fs: FileSystem, folder: string, entryBytes: number) {
  const files: Array<SurveyedFile> = []
  let [total, folders, seen, links, foreign] = [entryBytes, 0, 0, 0, 0]

  const keep = Effect.fnUntraced(function*(path: string, kept: string): Effect.fn.Return<void, SkillProblem> {
    const info = Option.getOrUndefined(yield* unlessGone(kept, fs.lstat(path)))
    if (info?.type !== "File") return
    const size = Number(info.size)
    const text = size > Skill.limits.file ? Option.some(false) : yield* unlessGone(kept, looksLikeText(fs, path))
    if (Option.isNone(text)) return
    if (!text.value) return void foreign++
    total += size
    files.push({ path: kept, size, executable: (info.mode & ownerMayRun) !== 0 })
    if (files.length > Skill.limits.files) return yield* problem(Skill.limitTexts.files)
    if (total > Skill.limits.bundle) return yield* problem(Skill.limitTexts.bundle)
  })

  const walk: (parts: ReadonlyArray<string>) => Effect.Effect<void, SkillProblem> = Effect.fnUntraced(
    function*(parts) {
      folders++
      if (folders > maxFolders) return yield* problem(`local skill exceeds ${maxFolders} folders`)
      const all = yield* unlessGone(parts.join("/") || "the folder", entriesOf(fs, join(folder, ...parts)))
      const entries = Option.getOrElse(all, () => []).filter(matters)
      seen += entries.length
      if (seen > maxEntries) return yield* problem(`local skill exceeds ${maxEntries} files and folders`)
      for (const { name, type } of entries) {
        const below = [...parts, name]
        const kept = SkillPath.filePath(below.join("/"))
        if (type === "Directory" && below.length < maxDepth) yield* walk(below)
        else if (type === "File" && kept !== undefined) yield* keep(join(folder, ...below), kept)
        else if (type === "SymbolicLink" && kept !== undefined) links++
      }
    }
  )

  yield* walk([])
  return { files: files.toSorted((a, b) => a.path < b.path ? -1 : 1), links, foreign }
})
