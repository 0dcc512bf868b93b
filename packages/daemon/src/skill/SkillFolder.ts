import { FrontMatter, Skill } from "@muster/domain"
import { Effect } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { basename, join } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { readText } from "./ReadText.ts"
import { type SurveyedFile, surveyFiles } from "./SkillFiles.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"

/**
 * Decodes text by its first bytes: UTF-16 with its byte order mark or before `---`, else UTF-8, with invalid bytes replaced.
 */
export const decodeEntry = (bytes: Uint8Array): string => {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x2d && second === 0)) {
    return new TextDecoder("utf-16le").decode(bytes)
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x2d)) {
    return new TextDecoder("utf-16be").decode(bytes)
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replaceAll("\0", "")
}

/**
 * Returns the target of a link named `SKILL.md`, as home-manager and stow create them. It must be Markdown: a skill from
 * another person can contain a link to any file of its user.
 */
const followed = Effect.fnUntraced(function*(fs: FileSystem, path: string) {
  const real = yield* fs.realPath(path).pipe(
    Effect.mapError((error) => isAbsent(error) ? problem("SKILL.md is a link to a file that does not exist") : error)
  )
  if (!/\.(md|markdown|mdx)$/i.test(basename(real))) {
    return yield* problem("SKILL.md is a link to a file that is not Markdown")
  }
  return real
})

/** Reads the text of a skill's `SKILL.md`, and its size in bytes. `name`: the file's name in its folder. */
const readEntry = Effect.fnUntraced(function*(fs: FileSystem, folder: string, name: string) {
  const path = join(folder, name)
  const isLink = (yield* fs.lstat(path)).type === "SymbolicLink"
  const real = isLink ? yield* followed(fs, path) : path
  // Reading a pipe could block forever.
  if ((yield* fs.lstat(real)).type !== "File") return yield* problem("SKILL.md is no file")
  const read = yield* readText(fs, real, Skill.limits.file)
  if (read._tag === "TooLarge") return yield* problem(Skill.limitTexts.entry)
  const content = decodeEntry(read.bytes)
  return { content, bytes: Buffer.byteLength(content) }
}, Effect.catchTag("PlatformError", (error) => Effect.fail(problem(unreadable("SKILL.md", error)))))

/** A skill's folder. */
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
 * Reads a skill's folder without keeping its files in memory; fails if it exceeds a limit. `prefix`: the prefix of its name,
 * such as `plugin:`.
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
