import { skillFilePath, skillLimits, skillLimitTexts } from "@muster/domain"
import { frontMatterOf } from "@muster/domain"
import { Effect, Option } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { basename, join } from "node:path"
import { entriesOf } from "./Entries.ts"
import { looksLikeText, readText } from "./ReadText.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"

/** The most folders within one skill, what they hold in all, and how deep they lie. */
const maxFolders = 512
const maxEntries = 4_096
const maxDepth = 16

/** A file beside `SKILL.md` that belongs to the skill. */
export interface SurveyedFile {
  /** Within the skill, with slashes. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** A skill's folder as it was looked over. */
export interface SkillFolder {
  readonly name: string
  readonly description: string
  readonly content: string
  /** In the order of their paths. */
  readonly files: ReadonlyArray<SurveyedFile>
}

/** The text of `SKILL.md`, cleaned where it is no text. */
const readEntry = Effect.fnUntraced(function*(fs: FileSystem, folder: string) {
  const path = join(folder, "SKILL.md")
  const { type } = yield* fs.lstat(path)
  if (type === "SymbolicLink") return yield* problem("SKILL.md is a link")
  // A pipe would be waited for without end, in a way that nothing can cut.
  if (type !== "File") return yield* problem("SKILL.md is no file")
  const read = yield* readText(fs, path, skillLimits.file)
  if (read._tag === "TooLarge") return yield* problem(skillLimitTexts.entry)
  return {
    content: read._tag === "Text" ? read.text : new TextDecoder().decode(read.bytes).replaceAll("\0", ""),
    bytes: read.bytes.length
  }
}, Effect.catchTag("PlatformError", (error) => Effect.fail(problem(unreadable("SKILL.md", error)))))

/** None where it went in the meantime; one that is there and cannot be read is a skill that is not whole. */
const unlessGone = <A>(
  path: string,
  read: Effect.Effect<A, PlatformError>
): Effect.Effect<Option.Option<A>, SkillProblem> =>
  read.pipe(
    Effect.asSome,
    Effect.catch((error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(problem(unreadable(path, error))))
  )

/**
 * The files of a skill beside its `SKILL.md`: text, at most 1 MiB each; links are not followed, other files are skipped.
 * Fails at the first that is one too many.
 */
const surveyFiles = Effect.fnUntraced(function*(fs: FileSystem, folder: string, entryBytes: number) {
  const files: Array<SurveyedFile> = []
  let [total, folders, seen] = [entryBytes, 0, 0]

  const keep = Effect.fnUntraced(function*(path: string, kept: string): Effect.fn.Return<void, SkillProblem> {
    const info = yield* unlessGone(kept, fs.lstat(path))
    const size = Option.match(info, {
      onNone: () => Infinity,
      onSome: ({ size, type }) => type === "File" ? Number(size) : Infinity
    })
    if (size > skillLimits.file) return
    if (!Option.contains(yield* unlessGone(kept, looksLikeText(fs, path)), true)) return
    total += size
    files.push({ path: kept, size })
    if (files.length > skillLimits.files) return yield* problem(skillLimitTexts.files)
    if (total > skillLimits.bundle) return yield* problem(skillLimitTexts.bundle)
  })

  const walk: (parts: ReadonlyArray<string>) => Effect.Effect<void, SkillProblem> = Effect.fnUntraced(
    function*(parts) {
      folders++
      if (folders > maxFolders) return yield* problem(`local skill exceeds ${maxFolders} folders`)
      const entries = yield* unlessGone(parts.join("/") || "the folder", entriesOf(fs, join(folder, ...parts)))
      seen += Option.match(entries, { onNone: () => 0, onSome: ({ length }) => length })
      if (seen > maxEntries) return yield* problem(`local skill exceeds ${maxEntries} files and folders`)
      for (const { name, type } of Option.getOrElse(entries, () => [])) {
        const below = [...parts, name]
        const kept = skillFilePath(below.join("/"))
        if (type === "Directory" && below.length < maxDepth) yield* walk(below)
        else if (type === "File" && kept !== undefined) yield* keep(join(folder, ...below), kept)
      }
    }
  )

  yield* walk([])
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1)
})

/** Looks a skill over without keeping its files in memory; fails where it is over a limit. */
export const surveySkill = Effect.fnUntraced(function*(
  fs: FileSystem,
  folder: string
): Effect.fn.Return<SkillFolder, SkillProblem> {
  const { bytes, content } = yield* readEntry(fs, folder)
  const { description, name } = frontMatterOf(content)
  const files = yield* surveyFiles(fs, folder, bytes)
  return { name: name || basename(folder), description, content, files }
})
