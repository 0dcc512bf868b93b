import { Effect } from "effect"
import type { DirectoryEntry, FileSystem } from "effect/FileSystem"
import { join } from "node:path"

/** Returns whether a folder of this name is searched. */
export const isVisible = (name: string): boolean => !name.startsWith(".")

/** Returns the entries of a folder that are not hidden, in the order of their names; links are not followed. */
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
    )
  )

/** Returns the name of a folder's `SKILL.md`, in any letter case; undefined if the folder is not a skill. */
export const entryNameOf = (entries: ReadonlyArray<Pick<DirectoryEntry, "name">>): string | undefined => {
  const names = entries.map(({ name }) => name).filter((name) => name.toLowerCase() === "skill.md")
  return names.includes("SKILL.md") ? "SKILL.md" : names[0]
}
