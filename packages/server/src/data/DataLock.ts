import { Effect, FileSystem, Path } from "effect"
import { DatabaseSync } from "node:sqlite"
import { StartupFailure } from "./StartupFailure.ts"

/**
 * Holds the data folder for this process until the scope ends. The lock is the operating system's own, taken through an
 * empty SQLite file, so a killed process leaves nothing behind that somebody must clean up. A folder that another
 * process holds is refused with a sentence that names its pid.
 */
export const lockDataFolder = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const pidFile = path.join(folder, "server.pid")

  const inUse = Effect.gen(function*() {
    const pid = yield* fs.readFileString(pidFile).pipe(Effect.orElseSucceed(() => ""))
    const holder = pid.trim() === "" ? "another process" : `another server (pid ${pid.trim()})`
    return yield* new StartupFailure({
      reason: "in_use",
      sentence:
        `the data folder ${folder} is in use by ${holder}: stop it, or start this one with --data another-folder`
    })
  })

  yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        const file = new DatabaseSync(path.join(folder, "server.lock"))
        try {
          file.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
          return file
        } catch (error) {
          file.close()
          throw error
        }
      },
      catch: (cause) => cause as { readonly errcode?: number; readonly message: string }
    }),
    (file) => Effect.sync(() => file.close())
  ).pipe(Effect.catch((error) =>
    error.errcode === 5 ? inUse : Effect.fail(
      new StartupFailure({
        reason: "data_folder",
        sentence: `the data folder ${folder} cannot be used: ${error.message}`
      })
    )
  ))
  yield* Effect.ignore(fs.writeFileString(pidFile, `${process.pid}\n`, { mode: 0o600 }))
})
