import {
  Access,
  Conditions,
  Liveness,
  ModelCatalogue,
  RequestJournal,
  RequestStore,
  RuntimeRegistry,
  SkillLibrary,
  StoreUnavailable,
  Wake
} from "@muster/domain"
import { Cause, Clock, Context, Effect, Exit, Layer, Option, Predicate } from "effect"
import { type StoreName, StoreTrouble } from "../condition/StoreTrouble.ts"
import { observeRegistry } from "./ObservedRegistry.ts"
import { observeRequests } from "./ObservedRequests.ts"
import { observeWakes } from "./ObservedWakes.ts"
import { ServerMetrics } from "./ServerMetrics.ts"

type Call = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>

/** The stores, each call of which is timed, counted where it fails, and watched for the condition of its store. */
const layerWatched = Layer.effectContext(Effect.gen(function*() {
  const metrics = yield* ServerMetrics
  const trouble = yield* StoreTrouble

  const watch = (store: StoreName) => {
    const fault = metrics.storeFaults[store]
    const time = metrics.storeSeconds[store]
    const failed = (name: string, cause: Cause.Cause<unknown>) => {
      const error = Option.getOrUndefined(Cause.findErrorOption(cause))
      // A refused value says that the store works.
      if (!(error instanceof StoreUnavailable) || error.refused === true) return Effect.void
      fault()
      return trouble.failed(store, name, error)
    }
    const watched = (name: string, call: Effect.Effect<unknown, unknown>) =>
      Effect.withFiber((fiber) => {
        const clock = fiber.getRef(Clock.Clock)
        const start = clock.currentTimeMillisUnsafe()
        return Effect.onExit(call, (exit) => {
          time((clock.currentTimeMillisUnsafe() - start) / 1_000)
          if (Exit.isFailure(exit)) return failed(name, exit.cause)
          return trouble.isFailing(store) ? trouble.answered(store, name) : Effect.void
        })
      })
    const operation = (name: string, real: unknown) => {
      if (Effect.isEffect(real)) return watched(name, real as Effect.Effect<unknown, unknown>)
      return Predicate.isFunction(real)
        ? (...args: ReadonlyArray<unknown>) => watched(name, (real as Call)(...args))
        : real
    }
    return <S extends object>(service: S): S =>
      Object.fromEntries(Object.entries(service).map(([name, real]) => [name, operation(name, real)])) as S
  }

  return Context.make(RequestStore, observeRequests(watch("requests")(yield* RequestStore), metrics)).pipe(
    Context.add(Liveness, watch("liveness")(yield* Liveness)),
    Context.add(RuntimeRegistry, observeRegistry(watch("runtimes")(yield* RuntimeRegistry), metrics)),
    Context.add(Access, watch("access")(yield* Access)),
    Context.add(SkillLibrary, watch("skills")(yield* SkillLibrary)),
    Context.add(ModelCatalogue, watch("catalogue")(yield* ModelCatalogue)),
    Context.add(RequestJournal, watch("journal")(yield* RequestJournal)),
    Context.add(Wake, observeWakes(yield* Wake, metrics))
  )
}))

/** What is wrong with this server; its own, also where a daemon lives in the same process. */
const layerObservers = StoreTrouble.layer.pipe(
  Layer.provideMerge(Layer.fresh(Conditions.layer)),
  Layer.merge(ServerMetrics.layer)
)

/** The stores of whoever provides them, counted, timed and traced; says once what is wrong with them. */
export const layerObserved = Layer.provideMerge(layerWatched, layerObservers)
