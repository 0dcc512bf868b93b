import { Context, Effect, Layer, Result, Stream } from "effect"
import { type Environment, HostEnvironment } from "../process/HostEnvironment.ts"
import type { Provider } from "../provider/Provider.ts"
import { providers as known } from "../provider/providers.ts"
import { locate, type Location } from "./Location.ts"
import { type FoundCli, probe, type SkippedCli } from "./Probe.ts"

/** The agent CLIs of this machine, in the order of the providers. A CLI that is not here is in neither list. */
export interface Discovered {
  readonly found: ReadonlyArray<FoundCli>
  readonly skipped: ReadonlyArray<SkippedCli>
  /** Whether every CLI has answered or was given up; otherwise some may be missing. */
  readonly complete: boolean
}

/** What is known of one CLI: that it can be registered, or why not. */
type Sighting = Result.Result<FoundCli, SkippedCli>

/** How many versions are asked for at a time. */
const atOnce = 8

const examine = (host: Environment) => (location: Location): ReadonlyArray<Effect.Effect<Sighting>> => {
  const { provider } = location
  if (location._tag === "Absent") return []
  if (location._tag === "Here") return [Effect.result(probe(provider, location.path, host))]
  return [Effect.succeed(Result.fail({ provider: provider.key, path: location.path, reason: location.reason }))]
}

/**
 * Finds the agent CLIs of this machine and their versions. A look never fails; it takes at most 3 s for the login shell
 * and 10 s for each eight CLIs that hang. Nothing is remembered between two looks.
 */
export class Discovery extends Context.Service<Discovery, {
  /**
   * One look: what is known each time that a CLI has answered or was given up, so that one that hangs delays no other;
   * at the end, complete.
   */
  readonly look: Stream.Stream<Discovered>
}>()("@muster/daemon/discovery/Discovery") {
  static readonly layerOf = (providers: ReadonlyArray<Provider>): Layer.Layer<Discovery> =>
    Layer.effect(
      Discovery,
      Effect.gen(function*() {
        const host = yield* HostEnvironment
        const sightings = Stream.unwrap(
          Effect.map(locate(providers, host), (locations) =>
            Stream.fromIterable(locations.flatMap(examine(host))).pipe(
              Stream.mapEffect((sighting) => sighting, { concurrency: atOnce, unordered: true })
            ))
        )
        const order = new Map(providers.map(({ key }, index) => [key, index]))
        const inOrder = <A extends { readonly provider: string }>(all: ReadonlyArray<A>) =>
          all.toSorted((a, b) => order.get(a.provider)! - order.get(b.provider)!)
        const view = (seen: ReadonlyArray<Sighting>, complete: boolean): Discovered => ({
          found: inOrder(seen.flatMap((one) => Result.isSuccess(one) ? [one.success] : [])),
          skipped: inOrder(seen.flatMap((one) => Result.isFailure(one) ? [one.failure] : [])),
          complete
        })

        const look = Stream.mapAccum(
          sightings,
          (): ReadonlyArray<Sighting> => [],
          (seen, one) => {
            const now = [...seen, one]
            return [now, [view(now, false)]] as const
          },
          { onHalt: (seen) => [view(seen, true)] }
        )
        return { look }
      })
    )

  static readonly layer: Layer.Layer<Discovery> = Discovery.layerOf(known)
}
