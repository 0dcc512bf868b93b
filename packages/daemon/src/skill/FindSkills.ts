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

/** One search below a root. */
class Search {
  readonly found: Array<FoundSkill> = []
  readonly unread: Array<LocalSkill.OmittedSkill> = []
  cut = false
  readonly #visited = new Set<string>()
  readonly #fs: FileSystem
  readonly #root: string
  readonly #max: number

  constructor(fs: FileSystem, root: string, max: number) {
    this.#fs = fs
    this.#root = root
    this.#max = max
  }

  #unreadFolder(path: string, error: PlatformError): void {
    const key = relative(this.#root, path) || "."
    // A name that is not valid text cannot be opened: that does not mean that it is absent.
    if (key.includes("\uFFFD")) this.unread.push({ key, reason: "the folder's name is no UTF-8" })
    else if (!isAbsent(error)) this.unread.push({ key, reason: unreadable("the folder", error) })
  }

  /** Returns whether a folder is visited for the first time. */
  #enter(path: string) {
    return this.#fs.realPath(path).pipe(
      Effect.map((real) => {
        if (this.#visited.has(real)) return false
        if (this.#visited.size >= this.#max) {
          this.cut = true
          return false
        }
        this.#visited.add(real)
        return true
      }),
      Effect.catch((error) => Effect.as(Effect.sync(() => this.#unreadFolder(path, error)), false))
    )
  }

  /** Returns whether a link leads to a folder. */
  #leadsToFolder(path: string) {
    return this.#fs.stat(path).pipe(
      Effect.map(({ type }) => type === "Directory"),
      Effect.catch((error) =>
        Effect.sync(() => {
          if (!isAbsent(error)) this.#unreadFolder(path, error)
          else this.unread.push({ key: relative(this.#root, path), reason: "it is a link to what does not exist" })
          return false
        })
      )
    )
  }

  /** Searches a folder; `parts`: its path below the root. */
  walk(path: string, parts: ReadonlyArray<string>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      if (!(yield* this.#enter(path))) return
      const entries = yield* entriesOf(this.#fs, path).pipe(
        Effect.catch((error) => Effect.as(Effect.sync(() => this.#unreadFolder(path, error)), []))
      )
      const entry = entryNameOf(entries)
      if (entry !== undefined && parts.length > 0) return void this.found.push({ key: parts.join("/"), path })
      if (entry !== undefined) {
        this.unread.push({ key: entry, reason: "a skill is in a folder of its own: move it into one" })
      }
      if (parts.length === maxDepth || (parts.length > 0 && !SkillParts.isFolder(basename(path)))) return
      for (const { name, type } of entries) {
        const below = join(path, name)
        if (
          type === "Directory" || (type === "SymbolicLink" && name !== entry && (yield* this.#leadsToFolder(below)))
        ) {
          yield* this.walk(below, [...parts, name])
        }
      }
    })
  }
}

/**
 * Returns the skills below a root, at most four folders deep, in the order of their keys. Links to folders are followed; each
 * folder is searched once, and none below a skill or of dependencies. `cut`: there were more than `max` folders, and the rest
 * was not searched. `unread`: what could not be read, and why.
 */
export const findSkills = Effect.fnUntraced(function*(fs: FileSystem, root: string, max: number = maxFolders) {
  const search = new Search(fs, root, max)
  yield* search.walk(root, [])
  const { cut, found, unread } = search
  return { skills: found.toSorted((a, b) => a.key < b.key ? -1 : 1), cut, unread }
})
