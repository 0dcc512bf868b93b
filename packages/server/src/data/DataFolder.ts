import { Effect, FileSystem, Path } from "effect"
import type { PlatformError } from "effect"
import { StartupFailure } from "./StartupFailure.ts"

const unusable = (folder: string) => (error: PlatformError.PlatformError) =>
  new StartupFailure({
    reason: "data_folder",
    sentence: `the data folder ${folder} cannot be used: ${error.reason.description ?? error.message}`
  })

/** The folder with the embedded database, the token and the lock; made with mode 0700 where it is missing. */
export const openDataFolder = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  yield* fs.makeDirectory(absolute, { recursive: true, mode: 0o700 }).pipe(Effect.mapError(unusable(absolute)))
  yield* fs.access(absolute, { readable: true, writable: true }).pipe(Effect.mapError(unusable(absolute)))
  return absolute
})
