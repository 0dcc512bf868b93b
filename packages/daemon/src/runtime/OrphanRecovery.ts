import type { Runtime } from "@muster/domain"
import { Effect, FiberSet, Ref } from "effect"
import { ServerApi } from "../client/ServerApi.ts"

/** The maximum number of runtime ids remembered; more than a daemon registers in its life. The oldest is forgotten. */
const maxKnown = 10_000

type Ids = ReadonlySet<Runtime.RuntimeId>

/** Returns the ids that are new, and all that are known with them. */
const withIds = (
  known: Ids,
  ids: ReadonlyArray<Runtime.RuntimeId>
): readonly [ReadonlyArray<Runtime.RuntimeId>, Ids] => {
  const fresh = ids.filter((id) => !known.has(id))
  return [fresh, fresh.length === 0 ? known : new Set([...known, ...fresh].slice(-maxKnown))]
}

/**
 * Returns a function that reports to the server, once per runtime id and process, that what ran on it before is lost. An id
 * that this process has had before is left alone: work of ours may be running on it. Failures are logged and not repeated, for
 * by then work may have begun. The function returns at once, with the ids that are new.
 */
export const makeOrphanRecovery = Effect.gen(function*() {
  const server = yield* ServerApi
  const known = yield* Ref.make<Ids>(new Set())
  const fork = yield* FiberSet.makeRuntime<never>()

  const recover = (id: Runtime.RuntimeId) =>
    server.recoverOrphans(id).pipe(
      Effect.catch((error) => Effect.logDebug(`orphans were not recovered: ${error.message}`))
    )

  return (ids: ReadonlyArray<Runtime.RuntimeId>): Effect.Effect<ReadonlyArray<Runtime.RuntimeId>> =>
    Ref.modify(known, (all) => withIds(all, ids)).pipe(
      Effect.tap((fresh) => Effect.sync(() => fresh.forEach((id) => fork(recover(id)))))
    )
})
