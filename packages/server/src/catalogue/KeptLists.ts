import { Catalogue, type Model, type Request, type Runtime, type Store } from "@muster/domain"
import { Effect, Schedule } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"

/** How often failed changes are written again. */
const again = "5 seconds"

/** How many runtimes may have a pending change; a new one replaces the oldest. */
const maxWaiting = 1_000

/**
 * Updates a runtime's kept model list when a model-list request ends. A change that cannot be written stays in memory (the
 * latest of each runtime) and is tried again each 5 s. Otherwise a withdrawn list would be returned for a day.
 */
export const makeKeptLists = Effect.gen(function*() {
  const catalogue = yield* Catalogue.ModelCatalogue
  const upkeep = yield* makeUpkeep
  const waiting = new Map<Runtime.RuntimeId, Request.Request>()

  const write = (runtime: Runtime.RuntimeId, request: Request.Request): Effect.Effect<void, Store.StoreUnavailable> => {
    const { state, updatedAt } = request
    switch (Catalogue.changeOf(request)) {
      case "keep":
        return catalogue.keep(
          runtime,
          (state._tag === "Completed" ? state.result["models"] : []) as unknown as ReadonlyArray<Model.Model>,
          updatedAt
        )
      case "drop":
        return catalogue.drop(runtime, updatedAt)
      case "none":
        return Effect.void
    }
  }

  const wait = (runtime: Runtime.RuntimeId, request: Request.Request) => {
    const other = waiting.get(runtime)
    if (other !== undefined && other.updatedAt > request.updatedAt) return
    waiting.delete(runtime)
    waiting.set(runtime, request)
    if (waiting.size > maxWaiting) waiting.delete(waiting.keys().next().value!)
  }

  /** Never fails. The store's observer reports that the store is unavailable. */
  const change = (runtime: Runtime.RuntimeId, request: Request.Request) =>
    write(runtime, request).pipe(
      Effect.onError(() => Effect.sync(() => wait(runtime, request))),
      Effect.ignore
    )

  /** The first failure ends the round: the other writes would fail too. */
  const writeWaiting = Effect.suspend(() =>
    Effect.forEach([...waiting], ([runtime, request]) =>
      Effect.tap(write(runtime, request), () =>
        Effect.sync(() => {
          if (waiting.get(runtime) === request) waiting.delete(runtime)
        })), { discard: true })
  )
  yield* upkeep("writing model lists", writeWaiting).pipe(
    Effect.schedule(Schedule.spaced(again)),
    Effect.forkScoped
  )

  return { change }
})
