import { Effect } from "effect"
import type { DirectoryEntry, FileSystem } from "effect/FileSystem"
import { join } from "node:path"

/** Whether a folder of this name is looked into. */
export const isVisible = (name: string): boolean => !name.startsWith(".")

/** What a folder has that is not hidden, in the order of the names; a link is a link, wherever it leads. */
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

/** The name of a folder's `SKILL.md`, in whatever letter case it is written. Undefined: the folder is no skill. */
export const entryNameOf = (entries: ReadonlyArray<Pick<DirectoryEntry, "name">>): string | undefined => {
  const names = entries.map(({ name }) => name).filter((name) => name.toLowerCase() === "skill.md")
  return names.includes("SKILL.md") ? "SKILL.md" : names[0]
}
