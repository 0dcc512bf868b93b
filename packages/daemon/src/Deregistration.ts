import { finalizeWithin } from "@muster/kit"
import { Effect, Layer } from "effect"
import { ServerApi } from "./client/ServerApi.ts"
import { Intervals } from "./Intervals.ts"
import { RuntimeSet } from "./runtime/RuntimeSet.ts"
import { runtimesOf } from "./runtime/RuntimeState.ts"

/**
 * Deregisters the runtimes at exit: best effort, within 3 s. Build everything that sends beats after this layer, so that
 * no later beat can bring a runtime back.
 */
export const layerDeregistration = Layer.effectDiscard(Effect.gen(function*() {
  const server = yield* ServerApi
  const set = yield* RuntimeSet
  const { deregister: timeout } = yield* Intervals
  const deregister = Effect.gen(function*() {
    const ids = runtimesOf(yield* set.state).map(({ id }) => id)
    if (ids.length > 0) yield* server.deregister(ids)
  }).pipe(
    Effect.catch((error) => Effect.logDebug(`runtimes were not deregistered: ${error.message}`))
  )
  yield* finalizeWithin(timeout, deregister)
}))
