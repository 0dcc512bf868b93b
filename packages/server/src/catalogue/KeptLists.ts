import {
  catalogueChange,
  type Model,
  ModelCatalogue,
  type Request,
  type RuntimeId,
  type StoreUnavailable
} from "@muster/domain"
import { Effect, Schedule } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"

/** How often changes are written again that could not be written. */
const again = "5 seconds"

/** The most runtimes whose change waits; the one that has waited longest makes room. */
const maxWaiting = 1_000

/**
 * Writes what the end of a model-list request means for the list that is kept. A change that cannot be written waits in
 * memory, the latest of each runtime, and is tried each 5 s: else a list would be answered for a day that was withdrawn.
 */
export const makeKeptLists = Effect.gen(function*() {
  const catalogue = yield* ModelCatalogue
  const upkeep = yield* makeUpkeep
  const waiting = new Map<RuntimeId, Request>()

  const write = (runtime: RuntimeId, request: Request): Effect.Effect<void, StoreUnavailable> => {
    const { state, updatedAt } = request
    switch (catalogueChange(request)) {
      case "keep":
        return catalogue.keep(
          runtime,
          (state._tag === "Completed" ? state.result["models"] : []) as unknown as ReadonlyArray<Model>,
          updatedAt
        )
      case "drop":
        return catalogue.drop(runtime, updatedAt)
      case "none":
        return Effect.void
    }
  }

  const wait = (runtime: RuntimeId, request: Request) => {
    const other = waiting.get(runtime)
    if (other !== undefined && other.updatedAt > request.updatedAt) return
    waiting.delete(runtime)
    waiting.set(runtime, request)
    if (waiting.size > maxWaiting) waiting.delete(waiting.keys().next().value!)
  }

  /** Never fails. That the store is unavailable is reported by its observer. */
  const change = (runtime: RuntimeId, request: Request) =>
    write(runtime, request).pipe(
      Effect.onError(() => Effect.sync(() => wait(runtime, request))),
      Effect.ignore
    )

  /** The first that fails ends the round: the others would fail with it. */
  const writeWaiting = Effect.suspend(() =>
    Effect.forEach([...waiting], ([runtime, request]) =>
      Effect.tap(write(runtime, request), () =>
        Effect.sync(() => {
          if (waiting.get(runtime) === request) waiting.delete(runtime)
        })), { discard: true })
  )
  yield* upkeep("the writing of model lists", writeWaiting).pipe(
    Effect.schedule(Schedule.spaced(again)),
    Effect.forkScoped
  )

  return { change }
})
