import { Effect } from "effect"
import { probe } from "../discovery/Probe.ts"
import type { Environment } from "../process/HostEnvironment.ts"
import { providers } from "../provider/providers.ts"
import { type Cli, CliFailed } from "../runtime/Clis.ts"

/** How long `--version` may take here: the answer must be back before a ping's limit passes. */
const timeout = "6 seconds"

/** What a CLI that was found earlier says to `--version` now; takes at most 7.7 s. */
export const cliVersion = (host: Environment) => ({ path, provider: key }: Cli): Effect.Effect<string, CliFailed> => {
  const provider = providers.find((one) => one.key === key)
  return provider === undefined
    ? Effect.fail(new CliFailed({ message: `this daemon does not know ${key}` }))
    : probe(provider, path, host, timeout).pipe(
      Effect.map(({ version }) => version),
      Effect.mapError(({ reason }) => new CliFailed({ message: reason }))
    )
}
