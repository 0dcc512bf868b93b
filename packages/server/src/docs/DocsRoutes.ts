import { DocumentedApi } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"

/** `/openapi.json`, and `/docs`: a page to read and try it. Made when first asked for. */
export const layerDocsRoutes = Layer.unwrap(Effect.gen(function*() {
  const description = yield* Effect.cached(
    Effect.sync(() => HttpServerResponse.jsonUnsafe(OpenApi.fromApi(DocumentedApi)))
  )
  return Layer.mergeAll(
    HttpRouter.add("GET", "/openapi.json", description),
    HttpApiScalar.layer(DocumentedApi, { path: "/docs" })
  )
}))
