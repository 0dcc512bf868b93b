import { Cache, Context, Duration, Effect, Exit, Layer } from "effect"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import type { ModelCatalog } from "./ModelCatalog.ts"
import { ModelDiscoveryFailed } from "./ModelDiscoveryFailed.ts"
import type { Provider } from "./Provider.ts"
import { providers as known } from "./providers.ts"

/** A CLI as discovery found it. */
export interface CliRef {
  /** The provider's key. */
  readonly provider: string
  readonly path: string
}

/** How long a live list that is not empty stands for the CLI's next answers. Source: `wire.md` 15.3. */
export const catalogLifetime = Duration.seconds(60)

/** More CLIs than a machine has; the oldest answer makes room. */
const capacity = 64

const lifetime = (exit: Exit.Exit<ModelCatalog, ModelDiscoveryFailed>) =>
  Exit.isSuccess(exit) && exit.value.source === "live" && exit.value.models.length > 0
    ? catalogLifetime
    : Duration.zero

/**
 * The models of this machine's CLIs. Askers of one CLI at one time share one call; a live list that is not empty is
 * kept for 60 s per provider and path; failures, empty and fallback lists are asked for anew each time.
 */
export class ModelCatalogs extends Context.Service<ModelCatalogs, {
  readonly list: (cli: CliRef) => Effect.Effect<ModelCatalog, ModelDiscoveryFailed>
}>()("@muster/daemon/provider/ModelCatalogs") {
  static readonly layerOf = (providers: ReadonlyArray<Provider>): Layer.Layer<ModelCatalogs> =>
    Layer.effect(
      ModelCatalogs,
      Effect.gen(function*() {
        const host = yield* HostEnvironment
        const byKey = new Map(providers.map((provider) => [provider.key, provider]))
        const cache = yield* Cache.makeWith(
          ({ path, provider: key }: CliRef) => {
            const provider = byKey.get(key)
            return provider === undefined
              ? Effect.fail(new ModelDiscoveryFailed({ provider: key, message: `unknown provider: ${key}` }))
              : provider.listModels({ path, host })
          },
          { capacity, timeToLive: lifetime }
        )
        return { list: ({ path, provider }) => Cache.get(cache, { provider, path }) }
      })
    )

  static readonly layer: Layer.Layer<ModelCatalogs> = ModelCatalogs.layerOf(known)
}
