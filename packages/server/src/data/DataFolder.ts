import { Context, Effect, FileSystem, Layer, Option, Path, type PlatformError } from "effect"
import { lockDataFolder } from "./DataLock.ts"
import { StartupFailure } from "./StartupFailure.ts"

const unusable = (folder: string) => (error: PlatformError.PlatformError) =>
  new StartupFailure({
    reason: "data_folder",
    sentence: `the data folder ${folder} cannot be used: ${error.reason.description ?? error.message}`
  })

const notAFolder = (folder: string) =>
  new StartupFailure({
    reason: "data_folder",
    sentence: `the data folder ${folder} cannot be used: it is a file, not a folder`
  })

const open = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  const there = yield* Effect.option(fs.stat(absolute))
  if (Option.isSome(there) && there.value.type !== "Directory") return yield* notAFolder(absolute)
  yield* fs.makeDirectory(absolute, { recursive: true, mode: 0o700 }).pipe(Effect.mapError(unusable(absolute)))
  yield* fs.access(absolute, { readable: true, writable: true }).pipe(Effect.mapError(unusable(absolute)))
  return absolute
})

/**
 * The absolute path of the folder with the embedded database, the owner's token and the lock. A missing folder is created
 * with mode 0700.
 */
export class DataFolder extends Context.Service<DataFolder, string>()("@muster/server/data/DataFolder") {
  static readonly layer = (folder: string) => Layer.effect(this, open(folder))

  /** The same, locked for this process, because the embedded database supports one process. */
  static readonly layerAlone = (folder: string) => Layer.effect(this, Effect.tap(open(folder), lockDataFolder))
}
