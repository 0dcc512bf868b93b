import { Context, Effect, Layer, Result, Stream } from "effect"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { cliConcurrency } from "../process/Run.ts"
import type { Provider } from "../provider/Provider.ts"
import { providers as known } from "../provider/providers.ts"
import { CliVersions } from "./CliVersions.ts"
import { locate, type Location } from "./Location.ts"
import { bundledMark, type FoundCli, probe, type SkippedCli, timeouts, tooOld } from "./Probe.ts"

/** The agent CLIs of this machine, in the order of the providers. A CLI that is absent is in neither list. */
export interface Discovered {
  readonly found: ReadonlyArray<FoundCli>
  readonly skipped: ReadonlyArray<SkippedCli>
  /** Whether the discovery is complete; otherwise CLIs may be missing. */
  readonly complete: boolean
  /** Every CLI was asked once; slow ones are being asked again. */
  readonly askedOnce?: true
}

/** One CLI: either it can be registered, or the reason why not. */
type Sighting = Result.Result<FoundCli, SkippedCli>

type Here = Extract<Location, { readonly _tag: "Here" }>

const providerOf = (sighting: Sighting) => (Result.isSuccess(sighting) ? sighting.success : sighting.failure).provider

/** Asks one CLI for its version; a slow one counts with its last known version. */
const makeAsk = Effect.gen(function*() {
  const host = yield* HostEnvironment
  const versions = yield* CliVersions

  const recalled = ({ path, provider }: Here, skipped: SkippedCli): Effect.Effect<Sighting> =>
    Effect.map(
      versions.recall(path),
      (version) =>
        version === undefined || (provider.minimumVersion && tooOld(provider.command, version, provider.minimumVersion))
          ? Result.fail(skipped)
          : Result.succeed({ provider: provider.key, path, version, slow: true, ...bundledMark(host, path) })
    )

  return (location: Here, timeout: string & (typeof timeouts)[keyof typeof timeouts]): Effect.Effect<Sighting> =>
    probe(location.provider, location.path, host, timeout).pipe(
      Effect.tap(({ path, version }) => versions.note(path, version)),
      Effect.result,
      Effect.flatMap((said) =>
        Result.isFailure(said) && said.failure.verdict === "slow"
          ? recalled(location, said.failure)
          : Effect.succeed(said)
      )
    )
})

const isSlow = (sighting: Sighting) =>
  Result.isSuccess(sighting) ? sighting.success.slow === true : sighting.failure.verdict === "slow"

/**
 * Finds the agent CLIs of this machine and their versions, a few at a time (`cliConcurrency`). A CLI that gives no answer
 * within 10 s is asked once more, alone, for 30 s; meanwhile, and if it stays slow, it counts with its last known version.
 * Discovery never fails; the login shell takes at most 3 s.
 */
export class Discovery extends Context.Service<Discovery, {
  /**
   * One discovery: emits what is known each time a CLI answers or times out, so that one that hangs does not delay the others;
   * the last is complete.
   */
  readonly look: Stream.Stream<Discovered>
}>()("@muster/daemon/discovery/Discovery") {
  /** The CLIs of these providers. */
  static readonly layerOver = (
    providers: ReadonlyArray<Provider>
  ): Layer.Layer<Discovery, never, CliVersions> =>
    Layer.effect(
      Discovery,
      Effect.gen(function*() {
        const host = yield* HostEnvironment
        const ask = yield* makeAsk

        const sightings = Effect.gen(function*() {
          const locations = yield* locate(providers, host)
          const here = locations.filter((one) => one._tag === "Here")
          const unusable = locations.filter((one) => one._tag === "Unusable").map((one): Sighting =>
            Result.fail({ provider: one.provider.key, path: one.path, verdict: "unable", reason: one.reason })
          )
          const slow: Array<Here> = []
          const first = Stream.fromIterable(here).pipe(
            Stream.mapEffect(
              (location) =>
                Effect.tap(ask(location, timeouts.together), (said) =>
                  Effect.sync(() => {
                    if (isSlow(said)) slow.push(location)
                  })),
              { concurrency: cliConcurrency(), unordered: true }
            )
          )
          const again = Stream.suspend(() =>
            slow.length === 0 ? Stream.empty : Stream.concat(
              Stream.make("asked once" as const),
              Stream.mapEffect(Stream.fromIterable(slow), (location) => ask(location, timeouts.alone))
            )
          )
          return Stream.fromIterable(unusable).pipe(Stream.concat(first), Stream.concat(again))
        })

        return { look: viewsOf(Stream.unwrap(sightings), providers) }
      })
    )

  /** The same, with versions that are kept while the layer exists. */
  static readonly layerOf = (providers: ReadonlyArray<Provider>): Layer.Layer<Discovery> =>
    Layer.provide(Discovery.layerOver(providers), CliVersions.layerMemory)

  static readonly layer = Discovery.layerOf(known)
}

interface Seen {
  readonly by: ReadonlyMap<string, Sighting>
  readonly askedOnce: boolean
}

/** Emits all that is known after each result, and at the end. */
const viewsOf = (
  sightings: Stream.Stream<Sighting | "asked once">,
  providers: ReadonlyArray<Provider>
): Stream.Stream<Discovered> => {
  const view = ({ askedOnce, by }: Seen, complete: boolean): Discovered => {
    const all = providers.flatMap(({ key }) => by.get(key) ?? [])
    return {
      found: all.flatMap((one) => Result.isSuccess(one) ? [one.success] : []),
      skipped: all.flatMap((one) => Result.isFailure(one) ? [one.failure] : []),
      complete,
      ...(askedOnce && !complete && { askedOnce })
    }
  }
  return Stream.mapAccum(
    sightings,
    (): Seen => ({ by: new Map(), askedOnce: false }),
    (seen, one) => {
      const now = one === "asked once"
        ? { ...seen, askedOnce: true }
        : { ...seen, by: new Map(seen.by).set(providerOf(one), one) }
      return [now, [view(now, false)]] as const
    },
    { onHalt: (seen) => [view(seen, true)] }
  )
}
