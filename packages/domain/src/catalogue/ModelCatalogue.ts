import { Context, type Effect, type Option } from "effect"
import type { Model } from "../model/Model.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { KeptModels } from "./KeptModels.ts"

/**
 * The last good list of models of each runtime. Each operation is atomic. Of two writes the one with the later `at`
 * (epoch ms) wins, in any order of arrival. A list is removed with its runtime.
 */
export class ModelCatalogue extends Context.Service<ModelCatalogue, {
  /** None: no list is kept, or its runtime is gone. Returned at any age: see `isShown`. */
  readonly find: (runtime: RuntimeId) => Effect.Effect<Option.Option<KeptModels>, StoreUnavailable>
  /** Does nothing for a runtime that is gone. */
  readonly keep: (
    runtime: RuntimeId,
    models: ReadonlyArray<Model>,
    at: number
  ) => Effect.Effect<void, StoreUnavailable>
  /** Removes a list that was kept before `at`. */
  readonly drop: (runtime: RuntimeId, at: number) => Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/catalogue/ModelCatalogue") {}
