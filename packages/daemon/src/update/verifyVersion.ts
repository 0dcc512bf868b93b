import { Effect } from "effect"
import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"
import { describeFailure, run } from "../process/Run.ts"
import { sanitizeLine } from "../process/sanitizeOutput.ts"
import { UpdateFailed } from "./Updater.ts"

const timeout = "10 seconds"

/** Checks that the program at `path` reports this version; fails with what it reports instead. */
export const verifyVersion = (host: Environment, path: string, version: string): Effect.Effect<void, UpdateFailed> =>
  run(path, ["--version"], { env: childEnvironment(host, path), timeout, maxStdoutBytes: 64 * 1_024 }).pipe(
    Effect.mapError(({ message }) => new UpdateFailed({ message })),
    Effect.flatMap((outcome) => {
      if (outcome.timedOut || outcome.truncated || outcome.exitCode !== 0) {
        return Effect.fail(
          new UpdateFailed({ message: describeFailure("the new muster --version", outcome, { timeout }) })
        )
      }
      const said = sanitizeLine(outcome.stdout)
      return said.split(" ").some((word) => word.replace(/^v/, "") === version)
        ? Effect.void
        : Effect.fail(
          new UpdateFailed({ message: `the new muster reports the version "${said.slice(0, 100)}", not ${version}` })
        )
    })
  )
