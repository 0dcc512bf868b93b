import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { maxModels, Model } from "../model/Model.ts"
import { listOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, NotFound, ServerFault } from "./WireError.ts"

/** The last good list of models of a runtime, with its age. */
export const KeptModelsRecord = snakeKeys(Schema.Struct({
  models: listOf(Model, maxModels),
  cachedAt: RequestTime
}))

/** What is known of runtimes without a request to their daemons, including offline ones. */
export class CatalogueApi extends HttpApiGroup.make("catalogue").add(
  /** 404 `no model list is kept`. */
  HttpApiEndpoint.get("models", "/:runtimeId/models", {
    params: { runtimeId: Word },
    success: KeptModelsRecord,
    error: [BadRequest, NotFound, ServerFault]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/runtimes").annotateMerge(
  OpenApi.annotations({ title: "Catalogue", description: "The last known answers of runtimes." })
) {}
