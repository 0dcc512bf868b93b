import { lockFile } from "@muster/kit"
import { Effect, Option } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { IdentityUnavailable } from "../identity/DaemonIdFile.ts"
import { AlreadyRuns } from "./AlreadyRuns.ts"
import { readControlFile } from "./ControlFile.ts"

/** Holds the profile's data folder for this process until the scope ends: one daemon per profile. */
export const lockProfile = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem
  const unusable = (reason: string) => new IdentityUnavailable({ path: dataDir, reason })
  yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
    Effect.mapError(({ message }) => unusable(message))
  )
  yield* lockFile(join(dataDir, "daemon.lock")).pipe(Effect.catch(Effect.fnUntraced(function*({ message, reason }) {
    if (reason === "unusable") return yield* unusable(message)
    const holder = yield* readControlFile(dataDir)
    return yield* new AlreadyRuns({ folder: dataDir, pid: Option.isSome(holder) ? holder.value.pid : null })
  })))
})
