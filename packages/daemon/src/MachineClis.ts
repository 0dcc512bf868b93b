import { Effect, Layer } from "effect"
import { join } from "node:path"
import { CliVersions } from "./discovery/CliVersions.ts"
import { Discovery } from "./discovery/Discovery.ts"
import { cliVersion } from "./ping/cliVersion.ts"
import { HostEnvironment } from "./process/HostEnvironment.ts"
import { ModelCatalogs } from "./provider/ModelCatalogs.ts"
import { providers } from "./provider/providers.ts"
import { CliFailed, Clis } from "./runtime/Clis.ts"

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

/** The CLIs that are really on this machine. */
export const layerMachineClis: Layer.Layer<Clis> = Layer.provide(layerClis, CliVersions.layerMemory)

/** The same; the versions that they said last are kept in the daemon's data folder. */
export const layerMachineClisIn = (dataDir: string): Layer.Layer<Clis> =>
  Layer.provide(layerClis, CliVersions.layerFile(join(dataDir, "cli-versions.json")))
