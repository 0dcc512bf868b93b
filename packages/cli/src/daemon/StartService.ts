import { Console, Effect, FileSystem, Option } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { serviceFor, write } from "./InstallDaemon.ts"
import type { DaemonFlags } from "./OwnProgram.ts"
import { awaitHealth } from "./StartDaemon.ts"
import { requireUserManager } from "./UserManager.ts"

const runs = (command: string, args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const options = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const
    return Number(yield* (yield* spawner.spawn(ChildProcess.make(command, args, options))).exitCode) === 0
  }).pipe(Effect.scoped, Effect.timeout("20 seconds"), Effect.orElseSucceed(() => false))

const begin = (platform: string, file: string) => {
  const unit = file.slice(file.lastIndexOf("/") + 1)
  return platform === "darwin"
    ? runs("launchctl", ["bootstrap", `gui/${process.getuid?.() ?? 0}`, file])
    : Effect.flatMap(
      runs("systemctl", ["--user", "daemon-reload"]),
      (loaded) => loaded ? runs("systemctl", ["--user", "enable", "--now", unit]) : Effect.succeed(false)
    )
}

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
  if (!(yield* begin(platform, installed.value))) {
    // A service that does not start must not take over at the next login.
    yield* Effect.ignore(Effect.flatMap(FileSystem.FileSystem, (files) => files.remove(installed.value)))
    yield* Console.error("note:  the service did not start; starting the daemon in the background")
    return Option.none()
  }
  return yield* awaitHealth(dataDir)
})
