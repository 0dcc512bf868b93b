import { lockFile } from "@muster/kit"
import { Effect, FileSystem, Path } from "effect"
import { StartupFailure } from "./StartupFailure.ts"

/**
 * Holds the data folder for this process until the scope ends. A folder that another process holds is refused with a
 * sentence that names its pid.
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

  yield* lockFile(path.join(folder, "server.lock")).pipe(
    Effect.catch((error) =>
      error.reason === "held" ? inUse : Effect.fail(
        new StartupFailure({
          reason: "data_folder",
          sentence: `the data folder ${folder} cannot be used: ${error.message}`
        })
      )
    )
  )
  yield* Effect.ignore(fs.writeFileString(pidFile, `${process.pid}\n`, { mode: 0o600 }))
})
