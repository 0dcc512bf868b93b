import { Cache, Context, Duration, Effect, Exit, Layer, Semaphore } from "effect"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { cliConcurrency } from "../process/Run.ts"
import { type ModelCatalog, ModelDiscoveryFailed } from "./ModelCatalog.ts"
import type { AgentCli, Provider } from "./Provider.ts"
import { providers as known } from "./providers.ts"

/** A CLI as discovery found it. */
export interface CliRef {
  /** The provider's key. */
  readonly provider: string
  readonly path: string
}

/** How long a live list with models is cached. Source: `docs/protocol.md` 15.3. */
const catalogLifetime = Duration.seconds(60)

/** The maximum number of cached lists; the oldest is removed. */
const capacity = 64

const lifetime = (exit: Exit.Exit<ModelCatalog, ModelDiscoveryFailed>) =>
  Exit.isSuccess(exit) && exit.value.source === "live" && exit.value.models.length > 0
    ? catalogLifetime
    : Duration.zero

/** The timeout of a slow CLI that is asked again, alone. */
const alone = "25 seconds"

/** The timeout of a list, in s, including the wait for other CLIs: its request times out after 50 s. */
const timeoutSeconds = 45

/** The error of a CLI that was slow twice: slow is not broken. */
const stillSlow = (error: ModelDiscoveryFailed) =>
  new ModelDiscoveryFailed({
    ...error,
    message: `${error.provider} is slow: ${error.message}; its models are not known yet, ask again in a minute`
  })

/** Asks a few CLIs concurrently; a slow one is asked again, alone, with a longer timeout. Fails as `slow` after 45 s. */
const makeAsk = Effect.gen(function*() {
  const concurrency = cliConcurrency()
  const gate = yield* Semaphore.make(concurrency)
  const single = yield* Semaphore.make(1)
  return (provider: Provider, cli: AgentCli): Effect.Effect<ModelCatalog, ModelDiscoveryFailed> => {
    const { key } = provider
    const silent = new ModelDiscoveryFailed({
      provider: key,
      verdict: "slow",
      message: `${provider.command} gave no answer within ${timeoutSeconds} s`
    })
    return gate.withPermit(provider.listModels(cli)).pipe(
      Effect.catchIf(
        ({ verdict }) => verdict === "slow",
        () => single.withPermit(gate.withPermits(concurrency)(provider.listModels({ ...cli, timeout: alone })))
      ),
      Effect.timeoutOrElse({ duration: Duration.seconds(timeoutSeconds), orElse: () => Effect.fail(silent) }),
      Effect.mapError((error) => error.verdict === "slow" ? stillSlow(error) : error)
    )
  }
})

/**
 * The models of this machine's CLIs. Concurrent requests for one CLI share one call. A live list with models is cached for 60 s
 * per provider and path; failures, empty and fallback lists are not cached.
 */
export class ModelCatalogs extends Context.Service<ModelCatalogs, {
  readonly list: (cli: CliRef) => Effect.Effect<ModelCatalog, ModelDiscoveryFailed>
}>()("@muster/daemon/provider/ModelCatalogs") {
  static readonly layerOf = (providers: ReadonlyArray<Provider>): Layer.Layer<ModelCatalogs> =>
    Layer.effect(
      ModelCatalogs,
      Effect.gen(function*() {
        const host = yield* HostEnvironment
        const ask = yield* makeAsk
        const byKey = new Map(providers.map((provider) => [provider.key, provider]))
        const cache = yield* Cache.makeWith(
          ({ path, provider: key }: CliRef) => {
            const provider = byKey.get(key)
            return provider === undefined
              ? Effect.fail(
                new ModelDiscoveryFailed({ provider: key, verdict: "unable", message: `unknown provider: ${key}` })
              )
              : ask(provider, { path, host })
          },
          { capacity, timeToLive: lifetime }
        )
        return { list: ({ path, provider }) => Cache.get(cache, { provider, path }) }
      })
    )

  static readonly layer: Layer.Layer<ModelCatalogs> = ModelCatalogs.layerOf(known)
}
