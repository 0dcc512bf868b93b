import {
  Access,
  AuditLog,
  Catalogue,
  Census,
  Limit,
  RequestJournal,
  RuntimeHistory,
  RuntimeRegistry,
  type Store,
  TaskQueue
} from "@muster/domain"
import { Context, Effect, Layer, type Scope } from "effect"

/** Kept lists, the journal, the histories, the audit log and the limits as one replica has them, with the stores that they require. */
export interface NotesNode {
  readonly access: Access.Access["Service"]
  readonly registry: RuntimeRegistry.RuntimeRegistry["Service"]
  readonly catalogue: Catalogue.ModelCatalogue["Service"]
  readonly journal: RequestJournal.RequestJournal["Service"]
  readonly history: RuntimeHistory.RuntimeHistory["Service"]
  readonly audit: AuditLog.AuditLog["Service"]
  readonly limits: Limit.LimitStore["Service"]
  readonly tasks: TaskQueue.TaskQueue["Service"]
  readonly census: Effect.Effect<Census.Counts | undefined, Store.StoreUnavailable>
}

export interface NotesNodes {
  readonly a: NotesNode
  readonly b: NotesNode
  /** From now on the backend is dead to both nodes. */
  readonly outage: Effect.Effect<void>
}

/** What a backend's test file supplies for the suites of the catalogue, the journal, the histories, the audit log and the limits; see `StoreBackend`. */
export interface NotesBackend {
  readonly name: string
  /** Two nodes on an empty backend, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<NotesNodes, unknown, Scope.Scope>
}

/** One node: the layers, built separately. */
export const notesNode = Effect.fnUntraced(function*<E, R>(
  layer: Layer.Layer<
    | Access.Access
    | AuditLog.AuditLog
    | Catalogue.ModelCatalogue
    | Limit.LimitStore
    | RequestJournal.RequestJournal
    | RuntimeHistory.RuntimeHistory
    | RuntimeRegistry.RuntimeRegistry
    | TaskQueue.TaskQueue,
    E,
    R
  >
): Effect.fn.Return<NotesNode, E, R | Scope.Scope> {
  const context = yield* Layer.build(Layer.fresh(layer))
  return {
    access: Context.get(context, Access.Access),
    registry: Context.get(context, RuntimeRegistry.RuntimeRegistry),
    catalogue: Context.get(context, Catalogue.ModelCatalogue),
    journal: Context.get(context, RequestJournal.RequestJournal),
    history: Context.get(context, RuntimeHistory.RuntimeHistory),
    audit: Context.get(context, AuditLog.AuditLog),
    limits: Context.get(context, Limit.LimitStore),
    tasks: Context.get(context, TaskQueue.TaskQueue),
    census: Context.get(context, Census.Census)
  }
})
