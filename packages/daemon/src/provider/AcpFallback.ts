import { Effect } from "effect"
import type { StdioSessionFailed } from "../process/StdioSession.ts"
import { acpTold } from "./AcpListing.ts"
import { liveCatalog, type ModelCatalog, type ToldModel } from "./ModelCatalog.ts"
import { discoveryFailed } from "./ModelDiscoveryFailed.ts"
import type { AgentCli, Provider } from "./Provider.ts"

/** Each flag in turn, as long as the CLI ends at once because it does not know it. */
const attempt = (
  provider: string,
  cli: AgentCli,
  [flag, ...others]: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ToldModel>, StdioSessionFailed> =>
  acpTold({ provider, cli, args: [flag!] }).pipe(
    Effect.catchIf(
      (error) => error.reason === "closed" && others.length > 0,
      () => attempt(provider, cli, others)
    )
  )

/**
 * Live models over ACP; the fixed list where a CLI that runs cannot tell (nobody is logged in, an older release). A CLI
 * that cannot be started, or that is slow to answer, is a failure.
 */
export const acpWithFallback = (options: {
  readonly provider: string
  readonly flags: ReadonlyArray<string>
  readonly fallback: ModelCatalog
}): Provider["listModels"] =>
(cli) =>
  attempt(options.provider, cli, options.flags).pipe(
    Effect.matchEffect({
      onFailure: (error) =>
        error.reason === "spawn" || error.reason === "silent"
          ? Effect.fail(discoveryFailed(options.provider)(error))
          : Effect.succeed(options.fallback),
      onSuccess: (told) => Effect.succeed(liveCatalog(told))
    })
  )
