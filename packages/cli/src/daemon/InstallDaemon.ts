import { localProfile } from "@muster/daemon"
import { Config, Console, Effect, FileSystem, Option, Path } from "effect"
import type { PlatformError } from "effect/PlatformError"
import { userInfo } from "node:os"
import { Failure } from "../failure/Failure.ts"
import { logPath } from "../log/LogFile.ts"
import { jsonText } from "../output/Text.ts"
import { daemonAccess } from "../profile/DaemonAccess.ts"
import { folder, shortened } from "../profile/Home.ts"
import { daemonArguments, type DaemonFlags, ownProgram } from "./OwnProgram.ts"
import { serviceEnvironment } from "./ServiceUnit.ts"
import { launchdPlist, mark, systemdUnit } from "./ServiceUnit.ts"
import { requireUserManager } from "./UserManager.ts"

/** A service file for systemd or launchd, and the commands to run after it is written. */
interface Service {
  readonly file: string
  readonly text: string
  readonly next: ReadonlyArray<string>
}

const variable = (name: string, whenUnset: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => whenUnset)

/** Keeps letters, digits and dashes, which need no quotes in a unit, a label or a shell. */
const nameOf = (profile: string) => profile.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")

/** The seconds that running tasks have by default when a service stops, which updates and restarts of the machine do. */
const defaultDrain = 600

/** The seconds that the daemon needs to stop besides. */
const stopTimeout = 10

/** The command and environment with which the daemon would run now. */
const unitInput = Effect.fnUntraced(function*(dataDir: string, flags: DaemonFlags) {
  const drain = Option.getOrElse(flags.drainTasks, () => defaultDrain)
  return {
    command: [
      ...ownProgram,
      ...daemonArguments(dataDir, logPath(dataDir), { ...flags, drainTasks: Option.some(drain) })
    ],
    stopTimeout: drain + stopTimeout,
    dataDir,
    environment: [
      ["PATH", yield* variable("PATH", "/usr/local/bin:/usr/bin:/bin")] as const,
      ...(yield* serviceEnvironment)
    ]
  }
})

export const serviceFor = Effect.fnUntraced(function*(platform: string, dataDir: string, flags: DaemonFlags) {
  const path = yield* Path.Path
  const { name: profile } = localProfile(dataDir)
  const suffix = nameOf(profile)
  const input = yield* unitInput(dataDir, flags)
  if (platform === "darwin") {
    const label = `dev.muster.daemon${suffix === "" ? "" : `.${suffix}`}`
    const file = path.join(yield* folder("~"), "Library", "LaunchAgents", `${label}.plist`)
    const service: Service = {
      file,
      text: launchdPlist(label, input),
      next: [`launchctl bootstrap gui/$(id -u) "${file}"`]
    }
    return service
  }
  if (platform !== "linux") {
    return yield* new Failure({
      class: "other",
      code: "no_supervisor",
      sentence: `cannot install a service on ${platform}: only systemd and launchd are supported`,
      next: "start it in the background: muster daemon start"
    })
  }
  const unit = `muster-daemon${suffix === "" ? "" : `-${suffix}`}.service`
  const home = yield* variable("XDG_CONFIG_HOME", path.join(yield* folder("~"), ".config"))
  const service: Service = {
    file: path.join(home, "systemd", "user", unit),
    text: systemdUnit(input),
    next: [
      `systemctl --user daemon-reload && systemctl --user enable --now ${unit}`,
      "loginctl enable-linger  # keeps it running while you are not logged in"
    ]
  }
  return service
})

const notInstalled = (file: string, error: PlatformError) =>
  new Failure({
    class: "other",
    code: "not_installed",
    sentence: `${file} cannot be written (${error.reason._tag})`,
    next: "check that you own its folder and that its disk has space"
  })

/**
 * Writes the file atomically and returns whether it was created, replaced or unchanged. Fails for a file that `install` did
 * not write. Also creates the data folder, which launchd needs to start the service.
 */
export const write = Effect.fnUntraced(function*({ file, text }: Service, dataDir: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const old = yield* Effect.option(files.readFileString(file))
  if (Option.isSome(old) && !old.value.includes(mark)) {
    return yield* new Failure({
      class: "cannotStart",
      code: "not_ours",
      sentence: `${file} exists and was not written by muster`,
      next: `move it, then run this command again: mv "${file}" "${file}.old"`
    })
  }
  yield* files.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
    Effect.mapError((error) => notInstalled(dataDir, error))
  )
  if (Option.isSome(old) && old.value === text) return "unchanged"
  yield* Effect.gen(function*() {
    yield* files.makeDirectory(path.dirname(file), { recursive: true })
    const draft = yield* files.makeTempDirectoryScoped({ directory: path.dirname(file), prefix: ".muster-" })
    // A proxy's address can contain a password.
    yield* files.writeFileString(path.join(draft, "new"), text, { mode: 0o600 })
    yield* files.rename(path.join(draft, "new"), file)
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => notInstalled(file, error))
  )
  return Option.isSome(old) ? "replaced" : "created"
})

/** Prints a unit for systemd's system manager, which only root can write. The service runs as the current user. */
const printSystemUnit = Effect.fnUntraced(function*(dataDir: string, flags: DaemonFlags, json: boolean) {
  const { homedir, username } = userInfo()
  const input = yield* unitInput(dataDir, flags)
  const environment = [...input.environment, ["HOME", homedir] as const]
  const unit = systemdUnit({ ...input, environment, user: username })
  yield* Console.log(json ? jsonText({ unit }) : unit.trimEnd())
})

/**
 * `muster daemon install`: writes a user service for systemd or launchd, or prints the unit of a system service. Does not
 * start it. Fails before it writes anything if the service could not run.
 */
export const installDaemon = Effect.fnUntraced(function*(
  input: DaemonFlags & { readonly data: string; readonly json: boolean; readonly systemUnit?: boolean },
  platform: string = process.platform
) {
  const dataDir = yield* folder(input.data)
  const { tokenFrom } = yield* daemonAccess(dataDir)
  if (tokenFrom === "MUSTER_TOKEN") {
    return yield* new Failure({
      class: "refused",
      code: "token_in_environment",
      sentence: "the token comes from MUSTER_TOKEN, which a service does not get and its file must not contain",
      next: "sign in to save the token in the profile: muster login"
    })
  }
  if (input.systemUnit === true) return yield* printSystemUnit(dataDir, input, input.json)
  if (platform === "linux") yield* requireUserManager
  const service = yield* serviceFor(platform, dataDir, input)
  const written = yield* write(service, dataDir)
  if (input.json) return yield* Console.log(jsonText({ file: service.file, written, next: service.next }))
  yield* Console.log(
    [
      `${yield* shortened(service.file)} is ${written === "unchanged" ? "up to date" : written}`,
      ...service.next.map((command) => `next:  ${command}`)
    ].join("\n")
  )
})
