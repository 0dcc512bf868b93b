import { Effect, Fiber, Layer } from "effect"
import { ServerApi } from "./client/ServerApi.ts"
import { Intervals } from "./Intervals.ts"
import { RuntimeSet } from "./runtime/RuntimeSet.ts"
import { runtimesOf } from "./runtime/RuntimeState.ts"

/**
 * Tells the server at exit that the runtimes are offline: best effort, within 3 s. Whatever beats is to be built after
 * this, so that it has ended by then and cannot bring a runtime back.
 */
export const layerGoodbye = Layer.effectDiscard(Effect.gen(function*() {
  const server = yield* ServerApi
  const set = yield* RuntimeSet
  const { goodbye } = yield* Intervals
  const say = Effect.gen(function*() {
    const ids = runtimesOf(yield* set.state).map(({ id }) => id)
    if (ids.length > 0) yield* server.deregister(ids)
  }).pipe(
    Effect.timeoutOption(goodbye),
    Effect.catch((error) => Effect.logDebug(`the server was not told goodbye: ${error.message}`))
  )
  // In a fibre of its own: the one that ends the daemon is being interrupted and could not be held to a deadline.
  yield* Effect.addFinalizer(() => Effect.flatMap(Effect.forkDetach(say), Fiber.await))
}))
