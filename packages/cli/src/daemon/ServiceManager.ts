import { Config, type Duration, Effect } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"

const variable = (name: string, whenUnset: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => whenUnset)

/** What the programs of the managers need, and nothing else. */
const environment = Effect.all({
  PATH: variable("PATH", "/usr/local/bin:/usr/bin:/bin"),
  HOME: variable("HOME", "/"),
  XDG_RUNTIME_DIR: variable("XDG_RUNTIME_DIR", `/run/user/${process.getuid?.() ?? 0}`)
})

/** A stop may take as long as the running tasks have (`--drain-tasks`, at most a day). */
const stopTimeout = "25 hours"

/** Whether a command ended with code 0 in time. */
const runs = (command: string, args: ReadonlyArray<string>, timeout: Duration.Input = "20 seconds") =>
  Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const env = yield* environment
    const options = { env, extendEnv: false, stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const
    return Number(yield* (yield* spawner.spawn(ChildProcess.make(command, args, options))).exitCode) === 0
  }).pipe(Effect.scoped, Effect.timeout(timeout), Effect.orElseSucceed(() => false))

const nameOf = (file: string) => file.slice(file.lastIndexOf("/") + 1)
const domain = `gui/${process.getuid?.() ?? 0}`
const targetOf = (file: string) => `${domain}/${nameOf(file).replace(/\.plist$/, "")}`
const systemctl = (...args: ReadonlyArray<string>) => runs("systemctl", ["--user", ...args])
const systemctlStop = (...args: ReadonlyArray<string>) => runs("systemctl", ["--user", ...args], stopTimeout)

/** systemd's user manager or launchd, for the service in this file. Each returns whether the manager did it. */
export const serviceManager = (platform: string, file: string) =>
  platform === "darwin"
    ? {
      begin: runs("launchctl", ["bootstrap", domain, file]),
      isActive: runs("launchctl", ["print", targetOf(file)]),
      restart: runs("launchctl", ["kickstart", "-k", targetOf(file)], stopTimeout),
      end: runs("launchctl", ["bootout", targetOf(file)], stopTimeout),
      forget: Effect.succeed(true)
    }
    : {
      begin: Effect.flatMap(
        systemctl("daemon-reload"),
        (loaded) => loaded ? systemctl("enable", "--now", nameOf(file)) : Effect.succeed(false)
      ),
      isActive: systemctl("is-active", "--quiet", nameOf(file)),
      restart: systemctlStop("restart", nameOf(file)),
      end: systemctlStop("disable", "--now", nameOf(file)),
      /** After the file was removed. */
      forget: systemctl("daemon-reload")
    }
