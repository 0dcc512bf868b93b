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
  const folders = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
  const save = (kept: ReadonlyArray<string>) =>
    fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
      Effect.andThen(fs.writeFileString(file, kept.map((line) => `${line}\n`).join(""), { mode: 0o600 })),
      Effect.mapError(() =>
        new Failure({
          class: "other",
          code: "list_not_writable",
          sentence: `the list of folders cannot be written: ${file}`,
          next: "check that this user owns the data folder, or name another one: --data"
        })
      )
    )
  return { folders, fs, save }
})

/** `muster folders`: lists the folders of this machine that are open to tasks. */
export const listFolders = Effect.fn("listFolders")(function*({ data, json }: Input) {
  const { folders, fs } = yield* open(data)
  const rows = yield* Effect.forEach(
    folders,
    (one) => Effect.map(Effect.orElseSucceed(fs.exists(one), () => false), (exists) => ({ folder: one, exists }))
  )
  if (json) return yield* Console.log(jsonText({ folders: rows }))
  if (rows.length === 0) {
    return yield* Console.error("No folder of this machine is open to tasks.\nnext:  open one: muster folders add DIR")
  }
  yield* printTable(["FOLDER", ""], rows.map(({ exists, folder }) => [printable(folder), exists ? "" : "not there"]))
})

/** `muster folders add`: opens a folder of this machine, and those below it, to tasks. The daemon follows at once. */
export const addFolder = Effect.fn("addFolder")(function*({ data, folder: given, json }: OfFolder) {
  const { folders, fs, save } = yield* open(data)
  const wanted = yield* folder(given)
  const real = yield* fs.realPath(wanted).pipe(
    Effect.flatMap((path) => Effect.map(fs.stat(path), ({ type }) => ({ path, type }))),
    Effect.orElseSucceed(() => undefined)
  )
  if (real?.type !== "Directory") {
    return yield* new Failure({
      class: "notFound",
      code: "no_folder",
      sentence: `there is no folder ${printable(wanted)} on this machine`,
      next: "name a folder that exists: muster folders add DIR"
    })
  }
  if (!folders.includes(real.path)) yield* save([...folders, real.path])
  yield* Console.log(
    json ? jsonText({ folder: real.path }) : `Tasks may work in ${printable(real.path)} and the folders below it now`
  )
})

/** `muster folders remove`: closes a folder. A task that runs in it goes on. */
export const removeFolder = Effect.fn("removeFolder")(function*({ data, folder: given, json }: OfFolder) {
  const { folders, fs, save } = yield* open(data)
  const wanted = yield* folder(given)
  const real = yield* Effect.orElseSucceed(fs.realPath(wanted), () => wanted)
  const kept = folders.filter((one) => one !== real && one !== wanted)
  if (kept.length === folders.length) {
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
