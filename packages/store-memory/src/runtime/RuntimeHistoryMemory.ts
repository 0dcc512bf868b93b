import { type Runtime, RuntimeHistory, RuntimeRegistry } from "@muster/domain"
import { Clock, Effect, Layer } from "effect"
import { HistoryState } from "./HistoryState.ts"

const make = (state: HistoryState, registry: RuntimeRegistry.RuntimeRegistry["Service"]) => {
  const isThere = (runtime: Runtime.RuntimeId) =>
    Effect.map(registry.find(runtime), ({ _tag }) => {
      if (_tag === "Gone") state.delete(runtime)
      return _tag === "Found"
    })

  return RuntimeHistory.RuntimeHistory.of({
    record: Effect.fnUntraced(function*(rows) {
      const oldest = RuntimeHistory.oldestBucket(yield* Clock.currentTimeMillis)
      state.removeBefore(oldest)
      for (const row of rows) if (yield* isThere(row.runtime)) state.add(row, oldest)
    }),
    of: (runtime, since) => Effect.map(isThere(runtime), (there) => there ? state.of(runtime, since) : [])
  })
}

/** The histories of runtimes in this process's memory; the registry decides which runtimes exist. */
export const RuntimeHistoryMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (
    state: HistoryState
  ): Layer.Layer<RuntimeHistory.RuntimeHistory, never, RuntimeRegistry.RuntimeRegistry> =>
    Layer.effect(
      RuntimeHistory.RuntimeHistory,
      Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(state, registry))
    ),
  /** A backend of its own for each build. */
  layer: Layer.effect(
    RuntimeHistory.RuntimeHistory,
    Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(new HistoryState(), registry))
  )
}
