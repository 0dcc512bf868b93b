import { Context, type Effect, type Option } from "effect"
import type { Model } from "../model/Model.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { KeptModels } from "./KeptModels.ts"

/**
 * The last good list of models of each runtime. Each operation is atomic; of two writes the one with the later `at`
 * (epoch ms) wins in whatever order they come. A list goes with its runtime.
 */
export class ModelCatalogue extends Context.Service<ModelCatalogue, {
  /** None: no list is kept, or its runtime is gone. However old it is: see `isShown`. */
  readonly find: (runtime: RuntimeId) => Effect.Effect<Option.Option<KeptModels>, StoreUnavailable>
  /** Of a runtime that is gone nothing is kept. */
  readonly keep: (
    runtime: RuntimeId,
    models: ReadonlyArray<Model>,
    at: number
  ) => Effect.Effect<void, StoreUnavailable>
  /** What was kept before `at` is no longer. */
  readonly drop: (runtime: RuntimeId, at: number) => Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/catalogue/ModelCatalogue") {}
