import { supervised } from "@muster/kit"
import { Context, Effect, Latch, Layer, Schedule, Stream } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import { Intervals } from "../Intervals.ts"
import { Clis, type FoundClis } from "./Clis.ts"
import { RuntimeSet } from "./RuntimeSet.ts"

/** How long CLIs that answered wait for the next one: together they need one registration. */
const debounce = "3 seconds"

/**
 * Discovers the CLIs of the machine every 2 min, so that one installed later appears and one removed goes offline. A slow one
 * does not delay the others.
 */
export class CliWatch extends Context.Service<CliWatch, {
  /** Waits until every CLI was asked once. */
  readonly firstLook: Effect.Effect<void>
}>()("@muster/daemon/runtime/CliWatch") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const clis = yield* Clis
      const server = yield* ServerApi
      const set = yield* RuntimeSet
      const { discovery } = yield* Intervals
      const looked = yield* Latch.make()

      const take = Effect.fnUntraced(function*(found: FoundClis) {
        const left = yield* set.setClis(found)
        if (found.complete || found.askedOnce === true) yield* looked.open
        // If this call is lost, the offline rule of the server applies.
        if (left.length > 0) yield* Effect.ignore(server.deregister(left.map(({ id }) => id)))
      })
      const look = clis.look.pipe(Stream.debounce(debounce), Stream.runForEach(take), Effect.ensuring(looked.open))
      yield* Effect.forkScoped(
        supervised("discovery of CLIs", Effect.repeat(look, Schedule.spaced(discovery)))
      )
      return { firstLook: looked.await }
    })
  )
}
