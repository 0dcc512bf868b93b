import { folderList } from "@muster/daemon"
import { Console, Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import * as Path from "effect/Path"
import { Failure } from "../failure/Failure.ts"
import { printTable } from "../output/Table.ts"
import { jsonText, printable } from "../output/Text.ts"
import { folder } from "../profile/Home.ts"

interface Input {
  readonly data: string
  readonly json: boolean
}

interface OfFolder extends Input {
  readonly folder: string
}

const open = Effect.fnUntraced(function*(data: string) {
  const fs = yield* FileSystem
  const path = yield* Path.Path
  const dataDir = yield* folder(data)
  const file = path.join(dataDir, folderList)
  const text = yield* Effect.orElseSucceed(fs.readFileString(file), () => "")
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  const folders = lines.filter((line) => !line.startsWith("#"))
  // Renamed over the old list, since the daemon reads it at any time.
  const draft = `${file}.${process.pid}.new`
  const save = (kept: ReadonlyArray<string>) =>
    fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
      Effect.andThen(fs.writeFileString(draft, kept.map((line) => `${line}\n`).join(""), { mode: 0o600 })),
      Effect.andThen(fs.rename(draft, file)),
      Effect.mapError(() =>
        new Failure({
          class: "other",
          code: "list_not_writable",
          sentence: `the list of folders cannot be written: ${file}`,
          next: "check that this user owns the data folder, or name another one: --data"
        })
      )
    )
  return { folders, fs, lines, save }
})

/** The real path of a folder; undefined: there is none. */
const realFolder = (fs: FileSystem, wanted: string) =>
  fs.realPath(wanted).pipe(
    Effect.flatMap((path) => Effect.map(fs.stat(path), ({ type }) => type === "Directory" ? path : undefined)),
    Effect.orElseSucceed(() => undefined)
  )

/** `muster folders`: lists the folders of this machine that are open to tasks. */
export const listFolders = Effect.fn("listFolders")(function*({ data, json }: Input) {
  const { folders, fs } = yield* open(data)
  const rows = yield* Effect.forEach(
    folders,
    (one) => Effect.map(realFolder(fs, one), (real) => ({ folder: one, exists: real !== undefined }))
  )
  if (json) return yield* Console.log(jsonText({ folders: rows }))
  if (rows.length === 0) {
    return yield* Console.error("No folder of this machine is open to tasks.\nnext:  open one: muster folders add DIR")
  }
  yield* printTable(["FOLDER", ""], rows.map(({ exists, folder }) => [printable(folder), exists ? "" : "not there"]))
})

/** `muster folders add`: opens a folder of this machine, and those below it, to tasks. The daemon follows at once. */
export const addFolder = Effect.fn("addFolder")(function*({ data, folder: given, json }: OfFolder) {
  const { folders, fs, lines, save } = yield* open(data)
  const wanted = yield* folder(given)
  const real = yield* realFolder(fs, wanted)
  if (real === undefined) {
    return yield* new Failure({
      class: "notFound",
      code: "no_folder",
      sentence: `there is no folder ${printable(wanted)} on this machine`,
      next: "name a folder that exists: muster folders add DIR"
    })
  }
  // The list has one path per line: a line break in a name would open another folder.
  if (real.trim() !== real || /[\r\n]/.test(real)) {
    return yield* new Failure({
      class: "usage",
      code: "bad_folder_name",
      sentence: `the list cannot hold the path "${printable(real)}": it has a line break, or a space at its end`,
      next: "rename the folder, or open the one above it"
    })
  }
  if (!folders.includes(real)) yield* save([...lines, real])
  yield* Console.log(
    json ? jsonText({ folder: real }) : `Tasks may work in ${printable(real)} and the folders below it now`
  )
})

/** `muster folders remove`: closes a folder. A task that runs in it goes on. */
export const removeFolder = Effect.fn("removeFolder")(function*({ data, folder: given, json }: OfFolder) {
  const { fs, lines, save } = yield* open(data)
  const wanted = yield* folder(given)
  const real = yield* Effect.orElseSucceed(fs.realPath(wanted), () => wanted)
  const kept = lines.filter((one) => one !== real && one !== wanted)
  if (kept.length === lines.length) {
    return yield* new Failure({
      class: "notFound",
      code: "folder_not_listed",
      sentence: `${printable(wanted)} is not open to tasks by this list`,
      next: "list them: muster folders; the variable MUSTER_TASK_FOLDERS of the daemon opens others"
    })
  }
  yield* save(kept)
  yield* Console.log(json ? jsonText({ removed: real }) : `Tasks may no longer work in ${printable(real)}`)
})
