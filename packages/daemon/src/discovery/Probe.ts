import type { Runtime } from "@muster/domain"
import { type Duration, Effect } from "effect"
import { dirname } from "node:path"
import { describeFailure } from "../process/describeFailure.ts"
import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"
import { run } from "../process/Run.ts"
import type { Provider } from "../provider/Provider.ts"
import { tooOld, versionLine, versionText } from "./Version.ts"

/** A CLI that can be registered. */
export interface FoundCli {
  /** The provider's key. */
  readonly provider: string
  /** Absolute. */
  readonly path: string
  /** As the CLI prints it, without the words around it: `2.1.5`. At most 256 characters. */
  readonly version: string
  /** It is slow to say its version now: this is the one that the same file said last. */
  readonly slow?: true
  /** Bundled with Muster instead of installed on this machine. */
  readonly bundled?: true
}

/** A CLI that is here, or was named, and cannot be used. */
export interface SkippedCli {
  readonly provider: string
  readonly path?: string
  readonly verdict: Runtime.CliVerdict
  /** One sentence for a person. */
  readonly reason: string
}

/** The mark of a CLI that comes with Muster: `npm start` names their folder. */
export const bundledMark = (host: Environment, path: string): Pick<FoundCli, "bundled"> =>
  host["MUSTER_BUNDLED_CLIS"] === dirname(path) ? { bundled: true } : {}

/** How long `--version` may take while others are asked too, and alone, where it is not said. */
export const timeouts = { together: "10 seconds", alone: "30 seconds" } as const

/** Asks a CLI for its version. Fails with why the CLI cannot be used; `slow`: it gave no answer in time. */
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
        return Effect.fail(skipped("unable", `${provider.command} --version says ${said}: this is another program`))
      }
      const version = versionText(line)
      const reason = provider.minimumVersion && tooOld(provider.command, version, provider.minimumVersion)
      return reason
        ? Effect.fail(skipped("unable", reason))
        : Effect.succeed({ provider: provider.key, path, version, ...bundledMark(host, path) })
    })
  )
}
