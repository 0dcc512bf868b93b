import { Skill } from "@muster/domain"
import { Effect } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { basename, join } from "node:path"
import { readText } from "./ReadText.ts"
import { isAbsent, problem, unreadable } from "./SkillProblem.ts"

/** Text in the encoding that its first bytes name: UTF-16 with its mark or before `---`, else UTF-8, cleaned where it is none. */
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
 * Where a link named `SKILL.md` leads, as home-manager and stow make them. It must be Markdown: a skill from somebody else
 * can have a link to any file of its user's.
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

/** The text of a skill's `SKILL.md`, and how many bytes it had. `name`: as its folder writes it. */
export const readEntry = Effect.fnUntraced(function*(fs: FileSystem, folder: string, name: string) {
  const path = join(folder, name)
  const isLink = (yield* fs.lstat(path)).type === "SymbolicLink"
  const real = isLink ? yield* followed(fs, path) : path
  // A pipe would be waited for without end, in a way that nothing can cut.
  if ((yield* fs.lstat(real)).type !== "File") return yield* problem("SKILL.md is no file")
  const read = yield* readText(fs, real, Skill.limits.file)
  if (read._tag === "TooLarge") return yield* problem(Skill.limitTexts.entry)
  const content = decodeEntry(read.bytes)
  return { content, bytes: Buffer.byteLength(content) }
}, Effect.catchTag("PlatformError", (error) => Effect.fail(problem(unreadable("SKILL.md", error)))))
