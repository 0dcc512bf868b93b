import { type Duration, Effect } from "effect"
import { complaint } from "../process/Complaint.ts"
import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"
import { run } from "../process/Run.ts"
import type { Provider } from "../provider/Provider.ts"
import { tooOld, versionText } from "./Version.ts"

/** A CLI that can be registered. */
export interface FoundCli {
  /** The provider's key. */
  readonly provider: string
  /** Absolute. */
  readonly path: string
  /** As the CLI prints it: `2.1.5 (Claude Code)`. At most 256 characters. */
  readonly version: string
}

/** A CLI that is here, or was named, and cannot be used. */
export interface SkippedCli {
  readonly provider: string
  readonly path?: string
  /** One sentence for a person. */
  readonly reason: string
}

/** How long `--version` may take where it is not said: a CLI that hangs is given up. */
const patience = "10 seconds"

/** Asks a CLI for its version. Fails with why the CLI cannot be used. */
export const probe = (
  provider: Provider,
  path: string,
  host: Environment,
  timeout: Duration.Input = patience
): Effect.Effect<FoundCli, SkippedCli> => {
  const skipped = (reason: string): SkippedCli => ({ provider: provider.key, path, reason })
  return run(path, ["--version"], { env: childEnvironment(host, path), timeout, maxStdoutBytes: 64 * 1024 }).pipe(
    Effect.mapError((error) => skipped(error.message)),
    Effect.flatMap((outcome) => {
      if (outcome.timedOut || outcome.truncated || outcome.exitCode !== 0) {
        return Effect.fail(skipped(complaint(`${provider.command} --version`, outcome, { timeout })))
      }
      // Pi prints it on stderr.
      const version = versionText(outcome.stdout.trim() === "" ? outcome.stderr : outcome.stdout)
      const reason = provider.minimumVersion && tooOld(provider.command, version, provider.minimumVersion)
      return reason ? Effect.fail(skipped(reason)) : Effect.succeed({ provider: provider.key, path, version })
    })
  )
}
