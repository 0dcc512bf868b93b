import { Access, Conditions, Liveness, RequestStore, RuntimeRegistry, StoreUnavailable, Wake } from "@muster/domain"
import { Context, Effect, Layer, Predicate } from "effect"
import { makeStoreTrouble, type StoreName } from "../condition/StoreTrouble.ts"
import { observeRegistry } from "./ObservedRegistry.ts"
import { observeRequests } from "./ObservedRequests.ts"
import { observeWakes } from "./ObservedWakes.ts"
import { ServerMetrics } from "./ServerMetrics.ts"

type Call = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>

/** The stores, each call of which is counted where it fails and watched for the one condition of all stores. */
const layerWatched = Layer.effectContext(Effect.gen(function*() {
  const metrics = yield* ServerMetrics
  const trouble = yield* makeStoreTrouble

  const watch = (name: StoreName) => {
    const fault = metrics.storeFaults[name]
    const failed = (error: unknown) => {
      if (!(error instanceof StoreUnavailable)) return Effect.void
      fault()
      return trouble.failed(name, error)
    }
    const answered = () => trouble.answered(name)
    const watched = (call: Effect.Effect<unknown, unknown>) => {
      const told = Effect.tapError(call, failed)
      return trouble.isFailing() ? Effect.tap(told, answered) : told
    }
    const operation = (real: unknown) => {
      if (Effect.isEffect(real)) return Effect.suspend(() => watched(real as Effect.Effect<unknown, unknown>))
      return Predicate.isFunction(real) ? (...args: ReadonlyArray<unknown>) => watched((real as Call)(...args)) : real
    }
    return <S extends object>(store: S): S =>
      Object.fromEntries(Object.entries(store).map(([key, real]) => [key, operation(real)])) as S
  }

  return Context.make(RequestStore, observeRequests(watch("requests")(yield* RequestStore), metrics)).pipe(
    Context.add(Liveness, watch("liveness")(yield* Liveness)),
    Context.add(RuntimeRegistry, observeRegistry(watch("runtimes")(yield* RuntimeRegistry), metrics)),
    Context.add(Access, watch("access")(yield* Access)),
    Context.add(Wake, observeWakes(yield* Wake, metrics))
  )
}))

/** What is wrong with this server; its own, also where a daemon lives in the same process. */
const layerObservers = Layer.merge(Layer.fresh(Conditions.layer), ServerMetrics.layer)

/** Counts, times and traces what goes to and from the stores, and says once what is wrong with them. */
export const observed = <A, E, R>(stores: Layer.Layer<A, E, R>) =>
  layerWatched.pipe(Layer.provideMerge(stores), Layer.provideMerge(layerObservers))
