import { Context, Effect, Layer, Result } from "effect"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import type { Provider } from "../provider/Provider.ts"
import { providers as known } from "../provider/providers.ts"
import { locate, type Location } from "./Location.ts"
import { type FoundCli, probe, type SkippedCli } from "./Probe.ts"

/** The agent CLIs of this machine, in the order of the providers. A CLI that is not here is in neither list. */
export interface Discovered {
  readonly found: ReadonlyArray<FoundCli>
  readonly skipped: ReadonlyArray<SkippedCli>
}

/** How many versions are asked for at a time. */
const atOnce = 8

/**
 * Finds the agent CLIs of this machine and their versions. A look never fails; it takes at most 3 s for the login shell
 * and 10 s for each eight CLIs that hang, and one that hangs delays no other's answer. Nothing is remembered between two looks.
 */
export class Discovery extends Context.Service<Discovery, {
  readonly look: Effect.Effect<Discovered>
}>()("@muster/daemon/discovery/Discovery") {
  static readonly layerOf = (providers: ReadonlyArray<Provider>): Layer.Layer<Discovery> =>
    Layer.effect(
      Discovery,
      Effect.gen(function*() {
        const host = yield* HostEnvironment
        const examine = (location: Location): Effect.Effect<FoundCli, SkippedCli | undefined> => {
          if (location._tag === "Here") return probe(location.provider, location.path, host)
          if (location._tag === "Absent") return Effect.fail(undefined)
          return Effect.fail({ provider: location.provider.key, path: location.path, reason: location.reason })
        }
        const look = Effect.gen(function*() {
          const locations = yield* locate(providers, host)
          const results = yield* Effect.forEach(locations, (one) => Effect.result(examine(one)), {
            concurrency: atOnce
          })
          return {
            found: results.flatMap((one) => Result.isSuccess(one) ? [one.success] : []),
            skipped: results.flatMap((one) => Result.isFailure(one) && one.failure ? [one.failure] : [])
          }
        }).pipe(Effect.withSpan("Discovery.look"))
        return { look }
      })
    )

  static readonly layer: Layer.Layer<Discovery> = Discovery.layerOf(known)
}
