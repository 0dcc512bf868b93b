import { Console, Effect, FileSystem, Option } from "effect"
import { serviceFor, write } from "./InstallDaemon.ts"
import type { DaemonFlags } from "./OwnProgram.ts"
import { serviceManager } from "./ServiceManager.ts"
import { awaitHealth } from "./StartDaemon.ts"
import { requireUserManager } from "./UserManager.ts"

/**
 * Installs the daemon as a service of this user and starts it. None where no such service can run here (no user manager, no
 * systemd or launchd, a service file that is not ours), so that the daemon has to be started in another way.
 */
export const startService = Effect.fnUntraced(function*(dataDir: string, flags: DaemonFlags) {
  const { platform } = process
  const installed = yield* Effect.gen(function*() {
    if (platform === "linux") yield* requireUserManager
    const service = yield* serviceFor(platform, dataDir, flags)
    yield* write(service, dataDir)
    return service.file
  }).pipe(Effect.option)
  if (Option.isNone(installed)) return Option.none()
  if (!(yield* serviceManager(platform, installed.value).begin)) {
    // A service that does not start must not take over at the next login.
    yield* Effect.ignore(Effect.flatMap(FileSystem.FileSystem, (files) => files.remove(installed.value)))
    yield* Console.error("note:  the service did not start; starting the daemon in the background")
    return Option.none()
  }
  return yield* awaitHealth(dataDir)
})
