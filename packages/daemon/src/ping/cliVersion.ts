import { Ping } from "@muster/domain"
import { Duration, Effect } from "effect"
import { probe } from "../discovery/Probe.ts"
import type { Environment } from "../process/HostEnvironment.ts"
import { providers } from "../provider/providers.ts"
import { type Cli, CliFailed } from "../runtime/Clis.ts"

/** How long `--version` may take here: the answer must be back before a ping's limit passes. */
const timeout = Duration.millis(Ping.terms.running * 0.6)

/**
 * What a CLI that was found earlier says to `--version` now; takes at most 0.6 of a ping's limit and 1.7 s. One that does
 * not answer in that time is `slow`, not broken.
 */
export const cliVersion = (host: Environment) => ({ path, provider: key }: Cli): Effect.Effect<string, CliFailed> => {
  const provider = providers.find((one) => one.key === key)
  return provider === undefined
    ? Effect.fail(new CliFailed({ verdict: "unable", message: `this daemon does not know ${key}` }))
    : probe(provider, path, host, timeout).pipe(
      Effect.map(({ version }) => version),
      Effect.mapError(({ reason, verdict }) => new CliFailed({ verdict, message: reason }))
    )
}
