import { lockFile } from "@muster/kit"
import { Data, Effect, Option } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { IdentityUnavailable } from "../identity/DaemonIdFile.ts"
import { readControlFile } from "./ControlFile.ts"

/** Another daemon of the same profile runs on this machine. */
export class AlreadyRuns extends Data.TaggedError("AlreadyRuns")<{
  /** Its process id, if known. */
  readonly pid: number | null
  /** Its data folder, or this daemon's: both are the same profile. */
  readonly folder: string
}> {
  override get message() {
    const who = this.pid === null ? "another process" : `process ${this.pid}`
    return `a daemon of this profile (${this.folder}) already runs: ${who}`
  }
}

/** The requested local port cannot be used. */
export class LocalPortTaken extends Data.TaggedError("LocalPortTaken")<{
  readonly port: number
  readonly reason: string
}> {
  override get message() {
    return `the daemon's local port ${this.port} cannot be used: ${this.reason}`
  }
}

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
