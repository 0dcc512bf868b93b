import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { serverStop } from "@muster/kit"
import { Effect, Layer } from "effect"
import { HttpServer, type HttpServerError } from "effect/http"
import type { Server } from "node:http"
import { Upgrades } from "../http/Upgrades.ts"

/** An HTTP server whose WebSocket upgrades are requests (`Upgrades`). Fails with `ServeError` if it cannot listen. */
export const layerSocketServer = (
  create: () => Server,
  options: NodeHttpServer.Options
): Layer.Layer<HttpServer.HttpServer, HttpServerError.ServeError, Upgrades> =>
  Layer.effect(
    HttpServer.HttpServer,
    Effect.gen(function*() {
      const upgrades = yield* Upgrades
      const server = create()
      const { address, serve } = yield* NodeHttpServer.make(() => server, {
        ...options,
        gracefulShutdownTimeout: serverStop.finish
      })
      return HttpServer.make({
        address,
        serve: (app, middleware) =>
          Effect.tap(
            middleware === undefined ? serve(app) : serve(app, middleware),
            () => Effect.sync(() => upgrades.handle(server))
          )
      })
    })
  )
