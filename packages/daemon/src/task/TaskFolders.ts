import { Data, Effect, Option } from "effect"
import { FileSystem } from "effect/FileSystem"
import { isAbsolute, join, relative, sep } from "node:path"

/** A task may not use the folder that it names. `message`: one sentence with what to do. */
class FolderRefused extends Data.TaggedError("FolderRefused")<{ readonly message: string }> {}

const refuse = (message: string) => Effect.fail(new FolderRefused({ message }))

/** In bytes. */
const maxList = 256 * 1024

/** The file of the data folder in which the owner of the machine lists folders, one per line. */
export const folderList = "task-folders"

/** The folders that the owner of the machine opens to tasks: those of the configuration, and those of the list. */
export const listedFolders = Effect.fnUntraced(function*(dataDir: string, configured: ReadonlyArray<string>) {
  const fs = yield* FileSystem
  const path = join(dataDir, folderList)
  const text = yield* Effect.gen(function*() {
    const { size } = yield* fs.stat(path)
    return Number(size) > maxList ? "" : yield* fs.readFileString(path)
  }).pipe(Effect.orElseSucceed(() => ""))
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
  return [...new Set([...configured, ...lines])].filter((folder) => isAbsolute(folder))
})

/** Whether a real path is a folder or lies below it. */
const isWithin = (root: string, path: string): boolean => {
  const rest = relative(root, path)
  return rest === "" || (rest !== ".." && !rest.startsWith(`..${sep}`) && !isAbsolute(rest))
}

/**
 * Returns the real path of the folder that a task names, if it is one of the `listed` folders or lies below one. Paths are
 * compared as they really are: a symbolic link or `..` leads nowhere else, and the file system itself decides about case.
 */
export const resolveFolder = Effect.fnUntraced(function*(wanted: string, listed: ReadonlyArray<string>) {
  const fs = yield* FileSystem
  if (!isAbsolute(wanted) || wanted.includes("\0")) {
    return yield* refuse(`a task's folder must be an absolute path on the machine: ${wanted}`)
  }
  const real = (path: string) => Effect.option(fs.realPath(path))
  const path = yield* real(wanted)
  if (Option.isNone(path)) return yield* refuse(`there is no folder ${wanted} on this machine`)
  const { type } = yield* Effect.mapError(
    fs.stat(path.value),
    () => new FolderRefused({ message: `the folder ${wanted} cannot be read on this machine` })
  )
  if (type !== "Directory") return yield* refuse(`${wanted} is not a folder`)
  const roots = yield* Effect.forEach(listed, real)
  if (!roots.some((root) => Option.isSome(root) && isWithin(root.value, path.value))) {
    return yield* refuse(
      `the folder ${wanted} is not open to tasks: on that machine, its owner can run: muster folders add ${wanted}`
    )
  }
  return path.value
})
