import { Effect } from "effect"
import { cp, rename, rm } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import { onPath } from "../discovery/Executable.ts"
import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"
import { describeFailure, run } from "../process/Run.ts"
import type { Installation } from "./Installation.ts"
import { UpdateFailed } from "./Updater.ts"
import { verifyVersion } from "./verifyVersion.ts"

/** The timeout of npm; its whole process tree is then ended. */
const timeout = "100 seconds"

type NpmInstallation = Extract<Installation, { readonly _tag: "Npm" }>

/** Where the previous version is kept: not in npm's own folder, where npm would count it as a package. */
const previousOf = ({ prefix }: NpmInstallation) => join(prefix, "lib", ".muster-previous")

const onDisk = (what: string, work: () => Promise<unknown>) =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => new UpdateFailed({ message: `${what}: ${(cause as Error).message}` })
  })

const keep = (installation: NpmInstallation) =>
  onDisk(
    "the version that runs could not be kept",
    () =>
      rm(previousOf(installation), { recursive: true, force: true }).then(() =>
        cp(installation.folder, previousOf(installation), { recursive: true, verbatimSymlinks: true })
      )
  )

/** Restores the kept version if something else, or nothing, is in its place. */
const restore = (installation: NpmInstallation) =>
  onDisk(
    "the version that ran could not be put back",
    () =>
      rm(installation.folder, { recursive: true, force: true }).then(() =>
        rename(previousOf(installation), installation.folder)
      )
  )

const npmInstall = Effect.fnUntraced(function*(
  host: Environment,
  { name, prefix }: NpmInstallation,
  target: string,
  registry: string | undefined
) {
  const path = [dirname(process.execPath), join(prefix, "bin"), host["PATH"] ?? ""].join(delimiter)
  const npm = yield* onPath("npm", path)
  if (npm === undefined) return yield* new UpdateFailed({ message: "npm is not on the daemon's PATH" })
  const args = ["install", "--global", "--prefix", prefix, "--no-audit", "--no-fund", "--no-update-notifier"]
  const from = registry === undefined ? [] : ["--registry", registry]
  const outcome = yield* run(npm, [...args, "--loglevel", "error", ...from, `${name}@${target}`], {
    env: childEnvironment(host, npm),
    cwd: prefix,
    timeout
  }).pipe(Effect.mapError(({ message }) => new UpdateFailed({ message })))
  if (outcome.timedOut || outcome.truncated || outcome.exitCode !== 0) {
    return yield* new UpdateFailed({ message: describeFailure(`npm install ${name}@${target}`, outcome, { timeout }) })
  }
})

/**
 * Replaces this version by another one with npm, and keeps this one in `lib/.muster-previous` of npm's prefix. Restores it if
 * the new one cannot be installed or does not report the requested version.
 */
export const npmUpdate = (options: {
  readonly host: Environment
  readonly installation: NpmInstallation
  /** `undefined`: npm's own. */
  readonly registry: string | undefined
}) =>
(target: string): Effect.Effect<void, UpdateFailed> => {
  const { host, installation, registry } = options
  const replace = npmInstall(host, installation, target, registry).pipe(
    Effect.andThen(verifyVersion(host, join(installation.prefix, "bin", "muster"), target))
  )
  return Effect.andThen(
    keep(installation),
    Effect.onError(
      replace,
      () => restore(installation).pipe(Effect.catchTag("UpdateFailed", ({ message }) => Effect.logError(message)))
    )
  )
}
