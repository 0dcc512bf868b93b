import { Effect, FileSystem, Path, type PlatformError, type Scope } from "effect"
import { lockDataFolder } from "../data/DataLock.ts"
import type { StartupFailure } from "../data/StartupFailure.ts"
import { readBackup, unpack } from "./Archive.ts"
import { BackupFailure, type EmbeddedVersion, type Manifest, names, whyUnusable } from "./Manifest.ts"

const unusable = (folder: string) => ({ message, reason }: PlatformError.PlatformError) =>
  new BackupFailure({
    reason: "folder",
    sentence: `the data folder ${folder} cannot be used: ${reason.description ?? message}`
  })

/**
 * Puts a backup into a data folder without a database, for this version of Muster, and returns its manifest. The backup is checked to its last byte
 * first, and nothing is changed if it is damaged or of a newer version. A process that is killed meanwhile leaves the
 * folder without a database.
 */
export const restoreBackup = (
  file: string,
  dataFolder: string,
  version: EmbeddedVersion
): Effect.Effect<
  Manifest,
  BackupFailure | StartupFailure,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const manifest = yield* readBackup(file)
    const why = whyUnusable(manifest, version)
    if (why !== undefined) return yield* new BackupFailure({ reason: "newer", sentence: why })

    const database = path.join(dataFolder, names.database)
    yield* fs.makeDirectory(dataFolder, { recursive: true, mode: 0o700 })
    yield* lockDataFolder(dataFolder)
    if (yield* fs.exists(database)) {
      return yield* new BackupFailure({
        reason: "folder",
        sentence: `the data folder ${dataFolder} has a database already, which is never replaced`
      })
    }
    const unfinished = path.join(dataFolder, "restore.unfinished")
    yield* fs.remove(unfinished, { recursive: true, force: true })
    yield* fs.makeDirectory(unfinished, { mode: 0o700 })
    yield* unpack(file, unfinished)
    const token = path.join(unfinished, names.token)
    if (yield* fs.exists(token)) {
      yield* fs.chmod(token, 0o600)
      yield* fs.rename(token, path.join(dataFolder, names.token))
    }
    // Last: a folder with a database is a restored one.
    yield* fs.rename(path.join(unfinished, names.database), database)
    yield* fs.remove(unfinished, { recursive: true, force: true })
    return manifest
  }).pipe(Effect.catchTag("PlatformError", (error) => Effect.fail(unusable(dataFolder)(error))))
