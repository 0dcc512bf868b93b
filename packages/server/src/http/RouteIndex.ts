import { Context, Effect, Layer } from "effect"
import { FindMyWay, HttpRouter } from "effect/http"

/** The methods of routes, in the order of `Allow`. */
export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const

export type Method = typeof methods[number]

/**
 * Returns which methods a path has. Effect's router does not expose this; this second index records every route at its
 * registration, so it is complete.
 */
export class RouteIndex extends Context.Service<RouteIndex, {
  /** The methods that have a route for this target (path and query), `HEAD` included where `GET` is. */
  readonly allowed: (target: string) => ReadonlyArray<string>
}>()("muster/server/RouteIndex") {}

/** The path of the fallback, which is not a route of its own. */
export const everything = "/*"

/** Passes routes to the outer router, and records the method and path of each. */
export const layerRouteIndex = Layer.effectContext(Effect.map(HttpRouter.HttpRouter, (router) => {
  const index = FindMyWay.make<true>()
  const note = ({ method, path }: HttpRouter.Route<unknown, unknown>) =>
    path !== everything && (method === "*" ? methods : [method]).forEach((one) => {
      index.on(one, path, true)
    })
  const recording = HttpRouter.HttpRouter.of({
    ...router,
    addAll: (routes) => {
      routes.forEach(note)
      return router.addAll(routes)
    },
    add: (method, path, handler, options) => recording.addAll([HttpRouter.route(method, path, handler, options)])
  })
  const allowed = (target: string) =>
    methods.filter((method) => index.find(method, target) !== undefined).flatMap((method) =>
      method === "GET" ? ["GET", "HEAD"] : method
    )
  return Context.make(HttpRouter.HttpRouter, recording).pipe(Context.add(RouteIndex, { allowed }))
}))
