import { type LocalSkill, SkillParts } from "@muster/domain"
import { Effect } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { basename, join, relative } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { isAbsent, unreadable } from "./SkillProblem.ts"

/** How many folders below its root a skill may lie. */
export const maxDepth = 4

/** The most folders that are looked into below one root. */
export const maxFolders = 5_000

/** A folder with a `SKILL.md` in it. */
interface FoundSkill {
  /** Below its root, with slashes. */
  readonly key: string
  readonly path: string
}

/**
 * The skills below a root, four folders deep at most, in the order of their keys. Links to folders are followed, each
 * folder is looked into once however many lead to it, and none below a skill or of dependencies. `cut`: there were more than
 * `max` folders, and the rest was not looked into. `unread`: what is there and could not be looked into, and why.
 */
export const findSkills = Effect.fnUntraced(function*(fs: FileSystem, root: string, max: number = maxFolders) {
  const found: Array<FoundSkill> = []
  const visited = new Set<string>()
  const unread: Array<LocalSkill.OmittedSkill> = []
  let cut = false

  const unreadFolder = (path: string, error: PlatformError): void => {
    const key = relative(root, path) || "."
    // What cannot be spelt cannot be opened: that does not mean that it is gone.
    if (key.includes("\uFFFD")) unread.push({ key, reason: "the folder's name is no UTF-8" })
    else if (!isAbsent(error)) unread.push({ key, reason: unreadable("the folder", error) })
  }

  /** Whether a folder is come to for the first time. */
  const enter = (path: string) =>
    fs.realPath(path).pipe(
      Effect.map((real) => {
        if (visited.has(real)) return false
        if (visited.size >= max) {
          cut = true
          return false
        }
        visited.add(real)
        return true
      }),
      Effect.catch((error) => Effect.as(Effect.sync(() => unreadFolder(path, error)), false))
    )

  /** Whether a link leads to a folder. */
  const leadsToFolder = (path: string) =>
    fs.stat(path).pipe(
      Effect.map(({ type }) => type === "Directory"),
      Effect.catch((error) =>
        Effect.sync(() => {
          if (isAbsent(error)) unread.push({ key: relative(root, path), reason: "it is a link to what does not exist" })
          else unreadFolder(path, error)
          return false
        })
      )
    )

  const walk: (path: string, parts: ReadonlyArray<string>) => Effect.Effect<void> = Effect.fnUntraced(
    function*(path, parts) {
      if (!(yield* enter(path))) return
      const entries = yield* entriesOf(fs, path).pipe(
        Effect.catch((error) => Effect.as(Effect.sync(() => unreadFolder(path, error)), []))
      )
      const entry = entryNameOf(entries)
      if (entry !== undefined && parts.length > 0) return void found.push({ key: parts.join("/"), path })
      if (entry !== undefined) {
        unread.push({ key: entry, reason: "a skill is in a folder of its own: move it into one" })
      }
      if (parts.length === maxDepth || (parts.length > 0 && !SkillParts.isFolder(basename(path)))) return
      for (const { name, type } of entries) {
        const below = join(path, name)
        if (type === "Directory" || (type === "SymbolicLink" && name !== entry && (yield* leadsToFolder(below)))) {
          yield* walk(below, [...parts, name])
        }
      }
    }
  )

  yield* walk(root, [])
  return { skills: found.toSorted((a, b) => a.key < b.key ? -1 : 1), cut, unread }
})
