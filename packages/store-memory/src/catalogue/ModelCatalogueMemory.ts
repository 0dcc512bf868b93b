import { Catalogue, type Model, type Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { CatalogueState } from "./CatalogueState.ts"

const make = (state: CatalogueState, registry: RuntimeRegistry.RuntimeRegistry["Service"]) => {
  const isThere = (runtime: Runtime.RuntimeId) =>
    Effect.map(registry.find(runtime), ({ _tag }) => {
      if (_tag === "Gone") state.delete(runtime)
      return _tag === "Found"
    })
  const put = (runtime: Runtime.RuntimeId, models: ReadonlyArray<Model.Model> | null, at: number) =>
    Effect.map(isThere(runtime), (there) => {
      if (there) state.put(runtime, { models, at })
    })

  return Catalogue.ModelCatalogue.of({
    find: (runtime) =>
      Effect.map(isThere(runtime), (there) => {
        const said = there ? state.find(runtime) : undefined
        return said === undefined || said.models === null
          ? Option.none()
          : Option.some({ models: said.models, at: said.at })
      }),
    keep: put,
    drop: (runtime, at) => put(runtime, null, at)
  })
}

/** Kept lists of models in this process's memory; the registry decides which runtimes exist. */
export const ModelCatalogueMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: CatalogueState): Layer.Layer<Catalogue.ModelCatalogue, never, RuntimeRegistry.RuntimeRegistry> =>
    Layer.effect(
      Catalogue.ModelCatalogue,
      Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(state, registry))
    ),
  /** A backend of its own for each build. */
  layer: Layer.effect(
    Catalogue.ModelCatalogue,
    Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(new CatalogueState(), registry))
  )
}
