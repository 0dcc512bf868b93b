import type { Runtime } from "@muster/domain"
import { type Duration, Effect } from "effect"
import { dirname } from "node:path"
import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"
import { describeFailure, run } from "../process/Run.ts"
import { sanitizeLine } from "../process/sanitizeOutput.ts"
import type { Provider } from "../provider/Provider.ts"

const pattern = /v?(\d+)\.(\d+)\.(\d+)/

/** A version in a sentence: `N.N.N`, more numbers, and the suffix of a pre-release or a build. */
const version = /\d+\.\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z](?:[0-9A-Za-z.+-]*[0-9A-Za-z])?)?/

/** Returns the line of the `--version` output with the version: the first with `N.N.N`, else the whole output. */
const versionLine = (stdout: string): string => {
  const lines = stdout.split(/\r?\n/).map(sanitizeLine).filter((line) => line !== "")
  return lines.find((line) => pattern.test(line)) ?? lines.join(" ")
}

/**
 * Returns the version in that line without other words (`1.0.102` of `GitHub Copilot CLI 1.0.102.`), which may vary; the whole
 * line if it has no `N.N.N`. At most 256 characters.
 */
const versionText = (line: string): string => (version.exec(line)?.[0] ?? line).slice(0, 256).toWellFormed()

/** Returns the three numbers of the first `N.N.N`, if there is one. */
const versionNumbers = (text: string): ReadonlyArray<number> | undefined => pattern.exec(text)?.slice(1).map(Number)

/** Returns why `version` of `command` is older than `minimum`; undefined if it is not. */
export const tooOld = (command: string, version: string, minimum: string): string | undefined => {
  const numbers = versionNumbers(version)
  if (numbers === undefined) {
    const said = version === "" ? "nothing" : `"${version}"`
    return `${command} --version prints ${said}, which is not a version; ${minimum} or newer is needed`
  }
  const needed = versionNumbers(minimum) ?? []
  const difference = needed.map((number, index) => numbers[index]! - number).find((one) => one !== 0) ?? 0
  return difference < 0 ? `${command} ${numbers.join(".")} is too old; ${minimum} or newer is needed` : undefined
}

/** A CLI that can be registered. */
export interface FoundCli {
  /** The provider's key. */
  readonly provider: string
  /** Absolute. */
  readonly path: string
  /** As the CLI prints it, without other words: `2.1.5`. At most 256 characters. */
  readonly version: string
  /** It is slow to print its version: this is the last known one of the same file. */
  readonly slow?: true
  /** Bundled with Muster instead of installed on this machine. */
  readonly bundled?: true
}

/** A CLI that exists or is configured, and cannot be used. */
export interface SkippedCli {
  readonly provider: string
  readonly path?: string
  readonly verdict: Runtime.CliVerdict
  /** One sentence for a person. */
  readonly reason: string
}

/** Marks the CLIs that are bundled with Muster: `npm start` sets it to their folder. */
export const bundledMark = (host: Environment, path: string): Pick<FoundCli, "bundled"> =>
  host["MUSTER_BUNDLED_CLIS"] === dirname(path) ? { bundled: true } : {}

/** The default timeout of `--version` while others are asked, too, and alone. */
export const timeouts = { together: "10 seconds", alone: "30 seconds" } as const

/** Asks a CLI for its version. Fails with the reason why the CLI cannot be used; `slow`: it did not answer in time. */
export const probe = (
  provider: Provider,
  path: string,
  host: Environment,
  timeout: Duration.Input = timeouts.together
): Effect.Effect<FoundCli, SkippedCli> => {
  const skipped = (verdict: Runtime.CliVerdict, reason: string): SkippedCli => ({
    provider: provider.key,
    path,
    verdict,
    reason
  })
  return run(path, ["--version"], { env: childEnvironment(host, path), timeout, maxStdoutBytes: 64 * 1024 }).pipe(
    Effect.mapError((error) => skipped("broken", error.message)),
    Effect.flatMap((outcome) => {
      if (outcome.timedOut || outcome.truncated || outcome.exitCode !== 0) {
        const verdict = outcome.timedOut ? "slow" : "broken"
        return Effect.fail(skipped(verdict, describeFailure(`${provider.command} --version`, outcome, { timeout })))
      }
      // Pi prints it on stderr.
      const line = versionLine(outcome.stdout.trim() === "" ? outcome.stderr : outcome.stdout)
      if (provider.prints !== undefined && !provider.prints.test(line)) {
        const said = line === "" ? "nothing" : `"${line.slice(0, 100).toWellFormed()}"`
        return Effect.fail(skipped("unable", `${provider.command} --version prints ${said}: this is another program`))
      }
      const version = versionText(line)
      const reason = provider.minimumVersion && tooOld(provider.command, version, provider.minimumVersion)
      return reason
        ? Effect.fail(skipped("unable", reason))
        : Effect.succeed({ provider: provider.key, path, version, ...bundledMark(host, path) })
    })
  )
}
