import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

/** Whatever no route answers. */
export const layerNoRoute = HttpRouter.add("*", "/*", Effect.succeed(HttpServerResponse.empty({ status: 404 })))
