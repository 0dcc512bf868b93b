import { Membership, type Runtime, RuntimeRegistry, type Store, type Task, TaskQueue } from "@muster/domain"
import { Array, Effect, Fiber, Layer } from "effect"
import { makePublishToDaemons } from "./publishTask.ts"

/** How many runtimes, and of their tasks, one call to the store ends. */
const bounds = { runtimes: 1_000, tasks: 500 }

/** How long the removal of runtimes waits for the end of their tasks, which goes on after it. */
const timeout = "5 seconds"

type Changed = Effect.Effect<ReadonlyArray<Task.Task>, Store.StoreUnavailable>

/**
 * Returns what ends the tasks of runtimes that were removed, moves those of runtimes that were merged, and tells the daemons. A
 * failure costs only time: no daemon claims such tasks or keeps them alive, so they end at their own limits, and their tokens
 * have ended with the runtimes.
 */
const makeFollowUp = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const publish = yield* makePublishToDaemons
  const scope = yield* Effect.scope

  /** Repeats a change of some tasks until none is left. */
  const untilNone = (some: Changed): Effect.Effect<void, Store.StoreUnavailable> =>
    Effect.flatMap(
      Effect.tap(some, publish),
      ({ length }) => length < bounds.tasks ? Effect.void : untilNone(some)
    )
  const followUp = <A>(runtimes: ReadonlyArray<A>, change: (some: ReadonlyArray<A>) => Changed) =>
    Effect.forEach(Array.chunksOf(runtimes, bounds.runtimes), (some) => untilNone(change(some)), { discard: true })
      .pipe(
        Effect.catch((error) => Effect.logWarning("tasks of removed runtimes end later, at their own limits", error)),
        Effect.forkIn(scope),
        Effect.flatMap((work) => Effect.timeoutOption(Fiber.await(work), timeout)),
        Effect.asVoid
      )
  return {
    end: (ids: ReadonlyArray<Runtime.RuntimeId>) => followUp(ids, (some) => queue.runtimesDeleted(some, bounds.tasks)),
    move: (merges: ReadonlyArray<Task.Merge>) => followUp(merges, (some) => queue.runtimesMerged(some, bounds.tasks))
  }
})

const layerOfRegistry = Layer.effect(
  RuntimeRegistry.RuntimeRegistry,
  Effect.gen(function*() {
    const registry = yield* RuntimeRegistry.RuntimeRegistry
    const { end, move } = yield* makeFollowUp
    return RuntimeRegistry.RuntimeRegistry.of({
      ...registry,
      register: (registration) =>
        Effect.tap(
          registry.register(registration),
          ({ merged }) => move(merged.map((one) => ({ ...one, daemonId: registration.daemonId })))
        ),
      remove: (id, by) => Effect.tap(registry.remove(id, by), (removed) => removed ? end([id]) : Effect.void),
      expire: (before, max, ephemeralBefore) =>
        Effect.tap(registry.expire(before, max, ephemeralBefore), (rows) => end(rows.map(({ id }) => id)))
    })
  })
)

const layerOfMembership = Layer.effect(
  Membership.Membership,
  Effect.gen(function*() {
    const membership = yield* Membership.Membership
    const { end } = yield* makeFollowUp
    return Membership.Membership.of({
      ...membership,
      removeMember: (change) => Effect.tap(membership.removeMember(change), ({ runtimes }) => end(runtimes)),
      deleteWorkspace: (change) => Effect.tap(membership.deleteWorkspace(change), ({ runtimes }) => end(runtimes))
    })
  })
)

/**
 * Ends the tasks of each runtime whose row this server removes, with a member or a workspace too, and tells its daemon, which
 * then stops their processes. Tasks of a runtime that a registration merges move to the runtime that has its place.
 */
export const layerTaskDeletions = Layer.mergeAll(layerOfRegistry, layerOfMembership)
