import { Effect, Option } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { IdentityUnavailable } from "../identity/DaemonIdFile.ts"
import { AlreadyRuns } from "./AlreadyRuns.ts"
import { readControlFile } from "./ControlFile.ts"

/** SQLite's word for "another process has it". */
const busy = 5

const take = (path: string): DatabaseSync => {
  const file = new DatabaseSync(path)
  try {
    file.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
    return file
  } catch (error) {
    file.close()
    throw error
  }
}

/**
 * Holds the profile's data folder for this process until the scope ends: one daemon per profile. The lock is the
 * operating system's own, taken through an empty SQLite file, so it ends with the process however that ends.
 */
export const lockProfile = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem
  const unusable = (reason: string) => new IdentityUnavailable({ path: dataDir, reason })
  yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
    Effect.mapError(({ message }) => unusable(message))
  )
  yield* Effect.acquireRelease(
    Effect.try({
      try: () => take(join(dataDir, "daemon.lock")),
      catch: (cause) => cause as { readonly errcode?: number; readonly message: string }
    }),
    (file) => Effect.sync(() => file.close())
  ).pipe(Effect.catch(Effect.fnUntraced(function*({ errcode, message }) {
    if (errcode !== busy) return yield* unusable(message)
    const holder = yield* readControlFile(dataDir)
    return yield* new AlreadyRuns({ folder: dataDir, pid: Option.isSome(holder) ? holder.value.pid : null })
  })))
})
