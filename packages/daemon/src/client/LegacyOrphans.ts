import type { Runtime, Task } from "@muster/domain"
import { Deferred, Effect, Ref } from "effect"
import type { Send } from "./LegacyCall.ts"
import type { ServerError } from "./ServerError.ts"
import type { HeldTask } from "./TaskServer.ts"

/** How long the ends that an earlier process left may take to be reported, in ms. */
const leftWithin = 15_000

/** How many runtimes are recovered at once. */
const concurrency = 8

/** The maximum number of ids that are known; more than a daemon needs in its life. The oldest is forgotten. */
const maxKnown = 10_000

const withId = <Id>(ids: ReadonlySet<Id>, id: Id): ReadonlySet<Id> => new Set([...ids, id].slice(-maxKnown))

/**
 * The recovery of what an earlier process of this daemon had. The server fails everything that it takes for running on a
 * runtime, so this is done once per runtime and process, before any claim on it, and after the stored ends were reported.
 */
export const makeLegacyOrphans = Effect.fnUntraced(function*(send: Send) {
  const recovered = yield* Ref.make<ReadonlySet<Runtime.RuntimeId>>(new Set())
  const claimed = yield* Ref.make<ReadonlySet<Task.TaskId>>(new Set())
  /** Of tasks that an earlier process claimed: at most as many as it stored. */
  const reports = new Map<Task.TaskId, Deferred.Deferred<void>>()

  const reportOf = (id: Task.TaskId) => {
    const report = reports.get(id) ?? Deferred.makeUnsafe<void>()
    reports.set(id, report)
    return report
  }

  const isLeft = (id: Task.TaskId) => Effect.map(Ref.get(claimed), (ids) => !ids.has(id))

  /** A refusal is final: a runtime that is gone has nothing that could run. */
  const recover = (id: Runtime.RuntimeId): Effect.Effect<void, ServerError> =>
    send<void>({
      operation: `recover orphans of ${id}`,
      method: "POST",
      path: `/api/daemon/runtimes/${id}/recover-orphans`
    }).pipe(
      Effect.catchIf(
        ({ _tag }) => _tag !== "Unreachable",
        ({ message }) => Effect.logDebug(`orphans were not recovered: ${message}`)
      ),
      Effect.andThen(Ref.update(recovered, (ids) => withId(ids, id)))
    )

  return {
    claimed: (id: Task.TaskId) => Ref.update(claimed, (ids) => withId(ids, id)),

    /** The server has the end of a task, or does not want it. */
    reported: (id: Task.TaskId) =>
      Effect.flatMap(isLeft(id), (left) => left ? Deferred.succeed(reportOf(id), undefined) : Effect.void),

    recover: Effect.fnUntraced(function*(runtimes: ReadonlyArray<Runtime.RuntimeId>, held: ReadonlyArray<HeldTask>) {
      const known = yield* Ref.get(recovered)
      const fresh = runtimes.filter((id) => !known.has(id))
      if (fresh.length === 0) return
      const left = yield* Effect.filter(held, ({ id }) => isLeft(id))
      yield* Effect.forEach(left, ({ id }) => Deferred.await(reportOf(id)), { concurrency: "unbounded" }).pipe(
        Effect.timeoutOption(leftWithin)
      )
      yield* Effect.forEach(fresh, recover, { concurrency, discard: true })
    })
  }
})
