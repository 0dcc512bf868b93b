import {
  Access,
  AuditLog,
  Catalogue,
  Limit,
  Liveness,
  Machines,
  Membership,
  Repositories,
  RequestJournal,
  RequestStore,
  RuntimeHistory,
  RuntimeRegistry,
  SkillLibrary,
  Store,
  TaskLog,
  TaskQueue,
  Wake
} from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Cause, Clock, type Context, Effect, Exit, Layer, Option } from "effect"
import type { Stores } from "../condition/Stores.ts"
import { type StoreName, StoreTrouble } from "../condition/StoreTrouble.ts"
import { observeRegistry } from "./ObservedRegistry.ts"
import { observeRequests } from "./ObservedRequests.ts"
import { observeTasks } from "./ObservedTasks.ts"
import { observeWakes } from "./ObservedWakes.ts"
import { ServerMetrics } from "./ServerMetrics.ts"

/** One operation of a store: an effect, or a function that returns one. */
type Operation = Effect.Effect<unknown, unknown> | ((...args: ReadonlyArray<never>) => Effect.Effect<unknown, unknown>)

/** A store of operations only: a member of another kind is a type error. */
type Operations<S> = { readonly [Name in keyof S]: Operation }

/** Times a call and reports how it ended. */
interface Watch {
  <A, E, R>(name: string, call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/** What observes the calls of every store. */
interface Observers {
  readonly clock: Clock.Clock
  readonly metrics: ServerMetrics["Service"]
  readonly trouble: StoreTrouble["Service"]
}

/** Times each call of one store, counts its faults, and tracks the store's condition. */
const makeWatch = ({ clock, metrics, trouble }: Observers, store: StoreName): Watch => {
  const fault = metrics.storeFaults[store]
  const time = metrics.storeSeconds[store]
  const failed = (name: string, cause: Cause.Cause<unknown>) => {
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    // A store that refuses a value is available.
    if (!(error instanceof Store.StoreUnavailable) || error.refused === true) return Effect.void
    fault()
    return trouble.failed(store, name, error)
  }
  return (name, call) =>
    Effect.suspend(() => {
      const start = clock.currentTimeMillisUnsafe()
      // The primitive needs no effect where there is nothing to report, which is so for nearly every call.
      return Effect.onExitPrimitive(call, (exit) => {
        time((clock.currentTimeMillisUnsafe() - start) / 1_000)
        if (Exit.isFailure(exit)) return failed(name, exit.cause)
        return trouble.isFailing(store) ? trouble.answered(store, name) : undefined
      })
    })
}

const watchOperation = (watch: Watch, name: string, operation: Operation): Operation =>
  Effect.isEffect(operation)
    ? watch(name, operation)
    : (...args: ReadonlyArray<never>) => watch(name, operation(...args))

/** Returns the service with every operation watched. The cast restores the names, which `Object.fromEntries` drops. */
const watchAll = <S extends Operations<S>>(watch: Watch, service: S): S =>
  Object.fromEntries(
    Object.entries<Operation>(service).map(([name, operation]) => [name, watchOperation(watch, name, operation)])
  ) as S

/**
 * A contract whose calls are observed under the name that people read; `count` counts what else its calls mean. Contracts of
 * the same tables have one name, so one condition.
 */
const observe = <I, S extends Operations<S>>(
  store: StoreName,
  contract: Context.Key<I, S>,
  count: (service: S, metrics: ServerMetrics["Service"]) => S = (service) => service
) =>
  Layer.effect(
    contract,
    Effect.gen(function*() {
      const metrics = yield* ServerMetrics
      const observers = { clock: yield* Clock.Clock, metrics, trouble: yield* StoreTrouble }
      return count(watchAll(makeWatch(observers, store), yield* contract), metrics)
    })
  )

/** Wakes may be lost, so a failed one is no condition: they are only counted. */
const layerCountedWakes = Layer.effect(
  Wake.Wake,
  Effect.gen(function*() {
    return observeWakes(yield* Wake.Wake, yield* ServerMetrics)
  })
)

/** Every contract of `Stores`, observed. One that is missing here is a type error. */
const layerWatched: Layer.Layer<Stores, never, Stores | ServerMetrics | StoreTrouble> = Layer.mergeAll(
  observe("requests", RequestStore.RequestStore, observeRequests),
  observe("liveness", Liveness.Liveness),
  observe("runtimes", RuntimeRegistry.RuntimeRegistry, observeRegistry),
  observe("history", RuntimeHistory.RuntimeHistory),
  observe("access", Access.Access),
  observe("access", Membership.Membership),
  observe("access", Repositories.Repositories),
  observe("machines", Machines.Machines),
  observe("skills", SkillLibrary.SkillLibrary),
  observe("catalogue", Catalogue.ModelCatalogue),
  observe("journal", RequestJournal.RequestJournal),
  observe("audit", AuditLog.AuditLog),
  observe("limits", Limit.LimitStore),
  observe("tasks", TaskQueue.TaskQueue, observeTasks),
  observe("tasks", TaskLog.TaskLog),
  layerCountedWakes
)

/** The conditions and metrics of this server; its own, even if a daemon runs in the same process. */
const layerObservers = StoreTrouble.layer.pipe(
  Layer.provideMerge(Layer.fresh(Conditions.layer)),
  Layer.merge(ServerMetrics.layer)
)

/** The provided stores, counted, timed and traced; logs one line per condition of a store. */
export const layerObserved = Layer.provideMerge(layerWatched, layerObservers)
