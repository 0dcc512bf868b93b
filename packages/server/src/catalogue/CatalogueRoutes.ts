import { Api, Catalogue, WireError } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { makeRuntimeView } from "../runtime/RuntimeView.ts"

const none = () => new WireError.NotFound({ error: "no model list is kept", code: "model_list_not_found" })

/** The routes for what the server knows of runtimes without asking their daemons. */
export const layerCatalogueRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "catalogue",
  Effect.fn(function*(handlers) {
    const catalogue = yield* Catalogue.ModelCatalogue
    const view = yield* makeRuntimeView
    return handlers.handleAll({
      models: Effect.fnUntraced(function*({ params }) {
        const { runtime } = yield* view(params.runtimeId)
        const found = yield* catalogue.find(runtime.id).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load the model list", cause))
        )
        const now = yield* Clock.currentTimeMillis
        const kept = Option.filter(found, (one) => Catalogue.isShown(one, now))
        if (Option.isNone(kept)) return yield* none()
        return { models: kept.value.models, cachedAt: kept.value.at }
      })
    })
  })
)
