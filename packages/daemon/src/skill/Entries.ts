import { Effect } from "effect"
import type { DirectoryEntry, FileSystem } from "effect/FileSystem"
import { join } from "node:path"

const isLicence = (name: string) => /^licen[sc]e(\.|-|$)/i.test(name)

/** Whether a folder of this name is looked into. */
export const isVisible = (name: string): boolean => !name.startsWith(".")

/** Hidden things are nobody's skill and no part of one, and licence files are no part. A folder may be called as one. */
const matters = ({ name, type }: DirectoryEntry) => isVisible(name) && (type !== "File" || !isLicence(name))

/** What a folder holds that may matter, in the order of the names; a link is a link, wherever it leads. */
export const entriesOf = (fs: FileSystem, path: string) =>
  fs.readDirectoryEntries(path).pipe(
    Effect.flatMap((entries) =>
      Effect.forEach(
        entries.filter(({ name }) => isVisible(name)).toSorted((a, b) => a.name < b.name ? -1 : 1),
        (entry): Effect.Effect<DirectoryEntry> =>
          entry.type !== "Unknown" ? Effect.succeed(entry) : fs.lstat(join(path, entry.name)).pipe(
            Effect.map(({ type }) => ({ name: entry.name, type })),
            Effect.orElseSucceed(() => entry)
          )
      )
    ),
    Effect.map((entries) => entries.filter(matters))
  )
