import { Context, Effect, Latch, Layer } from "effect"
import { Intervals } from "../Intervals.ts"
import { ServerApi } from "../server/ServerApi.ts"
import { Clis } from "./Clis.ts"
import { RuntimeSet } from "./RuntimeSet.ts"
import { unending } from "./Unending.ts"

/**
 * Looks every 2 min which CLIs are on the machine, so that one installed later appears and one removed goes offline.
 */
export class CliWatch extends Context.Service<CliWatch, {
  /** Waits until the first look is over. */
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

      const look = clis.discover.pipe(
        Effect.flatMap(set.setClis),
        Effect.ensuring(looked.open),
        Effect.tap((left) =>
          left.length === 0
            ? Effect.void
            // A goodbye that does not arrive is made good by the server's offline rule.
            : Effect.ignore(server.deregister(left.map(({ id }) => id)))
        )
      )
      yield* Effect.forkScoped(
        unending("discovery of CLIs", Effect.forever(Effect.andThen(look, Effect.sleep(discovery))))
      )
      return { firstLook: looked.await }
    })
  )
}
