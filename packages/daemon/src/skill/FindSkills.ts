import { type LocalSkill, SkillParts } from "@muster/domain"
import { Effect } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { basename, join, relative } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { isAbsent, unreadable } from "./SkillProblem.ts"

/** How deep below its root a skill may be. */
export const maxDepth = 4

/** The maximum number of folders that are searched below one root. */
export const maxFolders = 5_000

/** A folder with a `SKILL.md` in it. */
interface FoundSkill {
  /** Below its root, with slashes. */
  readonly key: string
  readonly path: string
}

/**
 * Returns the skills below a root, at most four folders deep, in the order of their keys. Links to folders are followed; each
 * folder is searched once, and none below a skill or of dependencies. `cut`: there were more than `max` folders, and the rest
 * was not searched. `unread`: what could not be read, and why.
 */
export const findSkills = Effect.fnUntraced(function*(fs: FileSystem, root: string, max: number = maxFolders) {
  const found: Array<FoundSkill> = []
  const visited = new Set<string>()
  const unread: Array<LocalSkill.OmittedSkill> = []
  let cut = false

  const unreadFolder = (path: string, error: PlatformError): void => {
    const key = relative(root, path) || "."
    // A name that is not valid text cannot be opened: that does not mean that it is absent.
    if (key.includes("\uFFFD")) unread.push({ key, reason: "the folder's name is no UTF-8" })
    else if (!isAbsent(error)) unread.push({ key, reason: unreadable("the folder", error) })
  }

  /** Returns whether a folder is visited for the first time. */
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

  /** Returns whether a link leads to a folder. */
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
