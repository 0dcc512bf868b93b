import type { Runtime } from "@muster/domain"
import { Effect, FiberSet } from "effect"
import { ServerApi } from "../client/ServerApi.ts"

/** The most runtime ids remembered; more than a daemon registers in its life. The oldest is forgotten. */
const maxKnown = 10_000

/**
 * Tells the server, once per runtime id and process, that what ran on it before is lost. An id that this process has
 * had before is left alone: work of ours may be running on it. Failures are logged and not repeated, for by then work
 * may have begun. Runs beside its caller,
 * which learns at once which ids are new.
 */
export const makeOrphanRecovery = Effect.gen(function*() {
  const server = yield* ServerApi
  const known = new Set<Runtime.RuntimeId>()
  const fork = yield* FiberSet.makeRuntime<never>()

  const recover = (id: Runtime.RuntimeId) =>
    server.recoverOrphans(id).pipe(
      Effect.catch((error) => Effect.logDebug(`orphans were not recovered: ${error.message}`))
    )

  return (ids: ReadonlyArray<Runtime.RuntimeId>): Effect.Effect<ReadonlyArray<Runtime.RuntimeId>> =>
    Effect.sync(() => {
      const fresh = ids.filter((id) => !known.has(id))
      for (const id of fresh) {
        if (known.size >= maxKnown) known.delete(known.keys().next().value!)
        known.add(id)
        fork(recover(id))
      }
      return fresh
    })
})
