import { Result } from "effect"
import { goString } from "../codec/Go.ts"
import { cleanText } from "../store/CleanText.ts"
import * as FrontMatter from "./FrontMatter.ts"
import type { ReportedBundle } from "./LocalSkill.ts"
import type { SkillFile } from "./Skill.ts"
import * as SkillLimits from "./SkillLimits.ts"
import * as SkillParts from "./SkillParts.ts"
import * as SkillPath from "./SkillPath.ts"

/** A skill that a library accepts. */
export interface SkillBundle {
  readonly name: string
  readonly description: string
  readonly content: string
  readonly files: ReadonlyArray<SkillFile>
  readonly sourcePath: string
  readonly provider: string
}

const encoder = new TextEncoder()

/** The length of a text as UTF-8, in bytes. */
export const utf8Bytes = (text: string): number => encoder.encode(text).length

/** Whether a file's path uses another file as a folder. */
const isWithin = ({ path }: SkillFile, files: ReadonlyMap<string, SkillFile>): boolean =>
  path.split("/").some((_, i, parts) => i > 0 && files.has(parts.slice(0, i).join("/")))

/** A replaced byte counts as one byte, as before U+FFFD replaced it. */
const sizeOf = (text: string): number => utf8Bytes(text) - 2 * (text.match(/\uFFFD/g)?.length ?? 0)

/** A shorter text is too short to judge. */
const shortestJudged = 32

/** The maximum share of characters that do not occur in text. */
const maxBinaryShare = 0.1

// oxlint-disable-next-line no-control-regex
const notText = /[\u0000-\u0007\u000E-\u001A\u001C-\u001F\uFFFD]/g

/**
 * Whether text was a binary file before a daemon read it as text: a Go daemon turns each byte that is not UTF-8 into
 * U+FFFD. The content cannot be restored.
 */
const wasBinary = (text: string): boolean =>
  text.length >= shortestJudged && (text.match(notText)?.length ?? 0) > maxBinaryShare * text.length

/**
 * Files that belong to a skill and have an allowed path, in the order of their paths, the first of each path; texts
 * cleaned, without binary files.
 */
const keptFiles = (files: NonNullable<ReportedBundle["files"]>): ReadonlyArray<SkillFile> => {
  const kept = new Map<string, SkillFile>()
  for (const { content, executable, path } of files) {
    const clean = SkillPath.filePath(cleanText(path ?? ""))
    if (clean === undefined || kept.has(clean) || !SkillParts.isPart(clean) || wasBinary(content ?? "")) continue
    kept.set(clean, {
      path: clean,
      content: cleanText(content ?? ""),
      ...(executable === true ? { executable } : {})
    })
  }
  return [...kept.values()].filter((file) => !isWithin(file, kept)).toSorted((a, b) => a.path < b.path ? -1 : 1)
}

/** Which of a skill's texts is longer than a workspace keeps; undefined: none. */
export const longWords = (
  { description, name }: Pick<SkillBundle, "description" | "name">
): string | undefined => {
  if (name.length > SkillLimits.limits.name) return SkillLimits.limitTexts.name
  return description.length > SkillLimits.limits.description ? SkillLimits.limitTexts.description : undefined
}

const over = ({ content, files, ...words }: SkillBundle): string | undefined => {
  if (words.name === "") return "the skill has no name"
  const long = longWords(words)
  if (long !== undefined) return long
  const entry = sizeOf(content)
  if (entry > SkillLimits.limits.file) return SkillLimits.limitTexts.entry
  if (files.length > SkillLimits.limits.files) return SkillLimits.limitTexts.files
  const sizes = files.map((file) => sizeOf(file.content))
  const tooLarge = sizes.findIndex((size) => size > SkillLimits.limits.file)
  if (tooLarge >= 0) return `${files[tooLarge]!.path} exceeds ${SkillLimits.limits.file} bytes`
  return sizes.reduce((sum, size) => sum + size, entry) > SkillLimits.limits.bundle
    ? SkillLimits.limitTexts.bundle
    : undefined
}

/**
 * A description as the skill's author meant it: a daemon that reads a front matter line by line reports `>-` for a
 * folded one, and the first line of one that has several.
 */
const meant = (reported: string, content: string): string => {
  const { description } = FrontMatter.of(content)
  return /^[>|][+-]?\d?[+-]?$/.test(reported) || description.startsWith(reported) ? description || reported : reported
}

/**
 * Validates a reported skill for the library, with the caller's name and description: checks paths again, cleans texts,
 * applies the bounds. Fails with the reason.
 */
export const bundleFrom = (
  reported: ReportedBundle,
  given: { readonly name?: string; readonly description?: string }
): Result.Result<SkillBundle, string> => {
  const content = cleanText(reported.content ?? "")
  const description = given.description ?? meant(goString(reported.description), content)
  const bundle: SkillBundle = {
    name: cleanText(goString(given.name ?? reported.name)).trim(),
    description: cleanText(goString(description)).trim(),
    content,
    files: keptFiles(reported.files ?? []),
    sourcePath: cleanText(goString(reported.source_path)),
    provider: cleanText(goString(reported.provider))
  }
  const wrong = over(bundle)
  return wrong === undefined ? Result.succeed(bundle) : Result.fail(wrong)
}
