import { type Runtime, RuntimeRegistry, TaskQueue } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makePublishToDaemon } from "./publishTask.ts"

/**
 * Ends the tasks of each runtime whose row this server removes, and tells its daemon, which then stops their processes. A
 * failure costs only time: the tasks end at their own limits, and a daemon stops what belongs to a runtime that is gone.
 */
export const layerTaskDeletions = Layer.effect(
  RuntimeRegistry.RuntimeRegistry,
  Effect.gen(function*() {
    const registry = yield* RuntimeRegistry.RuntimeRegistry
    const queue = yield* TaskQueue.TaskQueue
    const publish = yield* makePublishToDaemon

    const end = (ids: ReadonlyArray<Runtime.RuntimeId>) =>
      queue.runtimesDeleted(ids).pipe(
        Effect.flatMap((tasks) => Effect.forEach(tasks, publish, { discard: true })),
        Effect.catch((error) => Effect.logDebug("the tasks of removed runtimes were not ended", error))
      )

    return RuntimeRegistry.RuntimeRegistry.of({
      ...registry,
      remove: (id, by) => Effect.tap(registry.remove(id, by), (removed) => removed ? end([id]) : Effect.void),
      expire: (before, max, ephemeralBefore) =>
        Effect.tap(
          registry.expire(before, max, ephemeralBefore),
          (rows) => rows.length === 0 ? Effect.void : end(rows.map(({ id }) => id))
        )
    })
  })
)
