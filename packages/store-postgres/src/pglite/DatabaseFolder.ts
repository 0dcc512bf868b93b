import type { PGlite } from "@electric-sql/pglite"
import { Effect, FileSystem, Path, type PlatformError, type Scope } from "effect"
import { installedArchive, packagedArchive } from "../TemplateFiles.ts"
import { unpackFolder } from "./Archive.ts"
import { DatabaseFolderUnusable } from "./DatabaseFolderUnusable.ts"
import { type PgliteFailure, runPglite } from "./Pglite.ts"

/** The version of PostgreSQL in PGlite: its folders work with no other version. */
export const postgresVersion = "18"

/** The name of the database's folder in a data folder. */
export const databaseFolderName = "database"

const unusable = (folder: string) => (cause: PlatformError.PlatformError) =>
  new DatabaseFolderUnusable({
    folder,
    sentence: `the database folder ${folder} cannot be used: ${cause.reason.description ?? cause.message}`,
    cause
  })

const damaged = (folder: string) => (cause: PgliteFailure) =>
  new DatabaseFolderUnusable({
    folder,
    sentence: `the database in ${folder} cannot be opened (${cause.message}): nothing was deleted; ` +
      "put back a copy of it, or name another folder",
    cause
  })

const foreign = (folder: string) =>
  new DatabaseFolderUnusable({
    folder,
    sentence: `the folder ${folder} contains files that are not a database: name an empty folder, or the right one`,
    cause: "no PG_VERSION"
  })

const otherVersion = (folder: string, version: string) =>
  new DatabaseFolderUnusable({
    folder,
    sentence: `the database in ${folder} is of PostgreSQL ${JSON.stringify(version.slice(0, 20))}, and this Muster ` +
      `brings PostgreSQL ${postgresVersion}: start the version of Muster that made it, or name another folder`,
    cause: "PG_VERSION"
  })

/** Whether a database exists already; refuses a folder with anything else in it. */
const look = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  if (!(yield* fs.exists(folder))) return false
  const names = yield* fs.readDirectory(folder)
  if (names.length === 0) return false
  if (!names.includes("PG_VERSION")) return yield* foreign(folder)
  const version = (yield* fs.readFileString(path.join(folder, "PG_VERSION"))).trim()
  return version === postgresVersion ? true : yield* otherVersion(folder, version)
})

/**
 * Makes the database next to its folder and moves it there when complete: a process that is killed meanwhile leaves no
 * partial one that the next start could not open.
 */
const create = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const unfinished = `${folder}.unfinished`
  yield* fs.remove(unfinished, { recursive: true, force: true })
  yield* fs.makeDirectory(unfinished, { recursive: true, mode: 0o700 })
  if (yield* fs.exists(installedArchive)) yield* unpackFolder(installedArchive, unfinished)
  else if (yield* fs.exists(packagedArchive)) yield* unpackFolder(packagedArchive, unfinished)
  else yield* Effect.scoped(runPglite({ dataDir: unfinished }))
  yield* fs.remove(folder, { recursive: true, force: true })
  yield* fs.rename(unfinished, folder)
})

/**
 * Opens the database in this folder, and makes it if the folder is missing or empty. Only one process at a time may:
 * the caller holds a lock. Anything but an intact database of this version is refused without a change.
 */
export const openDatabaseFolder = (
  folder: string
): Effect.Effect<PGlite, DatabaseFolderUnusable, Scope.Scope | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    if (!(yield* look(folder))) yield* create(folder)
    return yield* runPglite({ dataDir: folder })
  }).pipe(
    Effect.catchTags({
      PlatformError: (error) => Effect.fail(unusable(folder)(error)),
      PgliteFailure: (error) => Effect.fail(damaged(folder)(error))
    })
  )
