import { Effect, Layer } from "effect"
import { Discovery } from "../discovery/Discovery.ts"
import { cliVersion } from "../ping/cliVersion.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { ModelCatalogs } from "../provider/ModelCatalogs.ts"
import { CliFailed, Clis } from "./Clis.ts"

/** The CLIs that are really on this machine. */
export const layerMachineClis: Layer.Layer<Clis> = Layer.effect(
  Clis,
  Effect.gen(function*() {
    const discovery = yield* Discovery
    const catalogs = yield* ModelCatalogs
    return {
      look: discovery.look,
      version: cliVersion(yield* HostEnvironment),
      listModels: (cli) => Effect.mapError(catalogs.list(cli), ({ message }) => new CliFailed({ message }))
    }
  })
).pipe(Layer.provide([Discovery.layer, ModelCatalogs.layer]))
