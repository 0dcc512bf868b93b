import { Access, Catalogue, RequestJournal, RuntimeRegistry } from "@muster/domain"
import { Context, Effect, Layer, type Scope } from "effect"

/** Kept lists and the journal as one replica has them, with what they stand on. */
export interface NotesNode {
  readonly access: Access.Access["Service"]
  readonly registry: RuntimeRegistry.RuntimeRegistry["Service"]
  readonly catalogue: Catalogue.ModelCatalogue["Service"]
  readonly journal: RequestJournal.RequestJournal["Service"]
}

export interface NotesNodes {
  readonly a: NotesNode
  readonly b: NotesNode
  /** From now on the backend is dead to both nodes. */
  readonly outage: Effect.Effect<void>
}

/** What a backend's test file supplies for the suites of the catalogue and the journal; see `StoreBackend`. */
export interface NotesBackend {
  readonly name: string
  /** Two nodes on an empty backend, made anew for each test and released with its scope. */
  readonly nodes: Effect.Effect<NotesNodes, unknown, Scope.Scope>
}

/** One node: the layers, built for themselves. */
export const notesNode = Effect.fnUntraced(function*<E, R>(
  layer: Layer.Layer<
    Access.Access | Catalogue.ModelCatalogue | RequestJournal.RequestJournal | RuntimeRegistry.RuntimeRegistry,
    E,
    R
  >
): Effect.fn.Return<NotesNode, E, R | Scope.Scope> {
  const context = yield* Layer.build(Layer.fresh(layer))
  return {
    access: Context.get(context, Access.Access),
    registry: Context.get(context, RuntimeRegistry.RuntimeRegistry),
    catalogue: Context.get(context, Catalogue.ModelCatalogue),
    journal: Context.get(context, RequestJournal.RequestJournal)
  }
})
