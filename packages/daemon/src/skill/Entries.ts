import { Effect } from "effect"
import type { DirectoryEntry, FileSystem } from "effect/FileSystem"
import { join } from "node:path"

/** Nobody's skill, and no part of one. */
const isIgnored = (name: string) => name.startsWith(".") || /^licen[sc]e(\.|-|$)/i.test(name)

/** What a folder holds that may matter, in the order of the names; a link is a link, wherever it leads. */
export const entriesOf = (fs: FileSystem, path: string) =>
  Effect.flatMap(fs.readDirectoryEntries(path), (entries) =>
    Effect.forEach(
      entries.filter(({ name }) => !isIgnored(name)).toSorted((a, b) => a.name < b.name ? -1 : 1),
      (entry): Effect.Effect<DirectoryEntry> =>
        entry.type !== "Unknown" ? Effect.succeed(entry) : fs.lstat(join(path, entry.name)).pipe(
          Effect.map(({ type }) => ({ name: entry.name, type })),
          Effect.orElseSucceed(() => entry)
        )
    ))

/** Whether a folder of this name is looked into. */
export const isVisible = (name: string): boolean => !isIgnored(name)
