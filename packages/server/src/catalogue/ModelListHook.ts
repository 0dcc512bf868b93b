import {
  catalogueChange,
  isFresh,
  isShown,
  type KeptModels,
  type Model,
  ModelCatalogue,
  ModelList,
  randomRequestId,
  type Request,
  type Runtime,
  type RuntimeId,
  type UserId
} from "@muster/domain"
import { Clock, Effect, FiberSet, Option } from "effect"
import { Asking } from "../request/Asking.ts"
import type { AtHand, Hook } from "../request/Hooks.ts"

/** How long a look for a kept list may take: whoever asks waits for it before the daemon is asked. */
const patience = "1 second"

/** The kept list as a request that was made and answered just now, and lies in no store. */
const atHand = (runtime: Runtime, by: UserId, kept: KeptModels, now: number) =>
  Effect.map(randomRequestId, (id): AtHand => {
    const request: Request = {
      id,
      runtimeId: runtime.id,
      kind: ModelList.name,
      payload: {},
      terms: ModelList.terms,
      by,
      state: { _tag: "Completed", result: { models: kept.models, supported: true, source: "live" } },
      createdAt: now,
      updatedAt: now
    }
    return { request, beside: { cached: true, cached_at: new Date(kept.at).toISOString() } }
  })

/**
 * Keeps the last good list of each runtime and answers with it at once, up to 24 h; one older than 60 s is fetched anew
 * beside, once at a time. A catalogue that cannot answer is as good as empty: the daemon is asked then.
 */
export const makeModelListHook = Effect.gen(function*() {
  const catalogue = yield* ModelCatalogue
  const asking = yield* Asking
  const fork = yield* FiberSet.makeRuntime<never>()
  /** Runtimes that are being asked for a new list. */
  const refreshing = new Set<RuntimeId>()

  /** Where one is pending already, the store answers with that. */
  const refresh = (runtime: Runtime, by: UserId) => {
    if (refreshing.has(runtime.id)) return
    refreshing.add(runtime.id)
    fork(
      asking.ask(ModelList, runtime, {}, by).pipe(
        Effect.ignore,
        Effect.ensuring(Effect.sync(() => refreshing.delete(runtime.id)))
      )
    )
  }

  const find = (runtime: RuntimeId) =>
    catalogue.find(runtime).pipe(
      Effect.timeoutOption(patience),
      Effect.map(Option.flatten),
      Effect.catch((error) =>
        Effect.as(Effect.logDebug("the kept list of models cannot be read", error), Option.none<KeptModels>())
      )
    )

  const change = ({ id }: Runtime, request: Request) => {
    const { state, updatedAt } = request
    switch (catalogueChange(request)) {
      case "keep":
        return catalogue.keep(
          id,
          (state._tag === "Completed" ? state.result["models"] : []) as unknown as ReadonlyArray<Model>,
          updatedAt
        )
      case "drop":
        return catalogue.drop(id, updatedAt)
      case "none":
        return Effect.void
    }
  }

  const hook: Hook = {
    atHand: Effect.fnUntraced(function*(runtime: Runtime, by: UserId) {
      const now = yield* Clock.currentTimeMillis
      const kept = Option.filter(yield* find(runtime.id), (found) => isShown(found, now))
      if (Option.isNone(kept)) return Option.none()
      if (!isFresh(kept.value, now)) refresh(runtime, by)
      return Option.some(yield* atHand(runtime, by, kept.value, now))
    }),
    settled: (runtime, request) =>
      Effect.ignore(change(runtime, request), { log: "Warn", message: "a list of models could not be kept" })
  }
  return hook
})
