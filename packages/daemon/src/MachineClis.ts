import { Kinds } from "@muster/domain"
import { Duration, Effect, Layer } from "effect"
import { join } from "node:path"
import { CliVersions } from "./discovery/CliVersions.ts"
import { Discovery } from "./discovery/Discovery.ts"
import { probe } from "./discovery/Probe.ts"
import { type Environment, HostEnvironment } from "./process/HostEnvironment.ts"
import { ModelCatalogs } from "./provider/ModelCatalogs.ts"
import { providers } from "./provider/providers.ts"
import { type Cli, CliFailed, Clis } from "./runtime/Clis.ts"

/** How long `--version` may take here: the answer must be back before a ping's limit passes. */
const timeout = Duration.millis(Kinds.Ping.terms.running * 0.6)

/**
 * Returns the `--version` output of a CLI that was found earlier; takes at most 0.6 of a ping's limit and 1.7 s. One that does
 * not answer in that time is `slow`, not broken.
 */
const cliVersion = (host: Environment) => ({ path, provider: key }: Cli): Effect.Effect<string, CliFailed> => {
  const provider = providers.find((one) => one.key === key)
  return provider === undefined
    ? Effect.fail(new CliFailed({ verdict: "unable", message: `this daemon does not know ${key}` }))
    : probe(provider, path, host, timeout).pipe(
      Effect.map(({ version }) => version),
      Effect.mapError(({ reason, verdict }) => new CliFailed({ verdict, message: reason }))
    )
}

const layerClis = Layer.effect(
  Clis,
  Effect.gen(function*() {
    const discovery = yield* Discovery
    const catalogs = yield* ModelCatalogs
    return {
      look: discovery.look,
      version: cliVersion(yield* HostEnvironment),
      listModels: (cli) =>
        Effect.mapError(catalogs.list(cli), ({ message, verdict }) => new CliFailed({ message, verdict }))
    }
  })
).pipe(Layer.provide([Discovery.layerOver(providers), ModelCatalogs.layer]))

/** The CLIs on this machine. */
export const layerMachineClis: Layer.Layer<Clis> = Layer.provide(layerClis, CliVersions.layerMemory)

/** The same; stores the last known versions in the daemon's data folder. */
export const layerMachineClisIn = (dataDir: string): Layer.Layer<Clis> =>
  Layer.provide(layerClis, CliVersions.layerFile(join(dataDir, "cli-versions.json")))
