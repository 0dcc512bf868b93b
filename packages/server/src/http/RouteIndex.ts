import { Context, Effect, Layer } from "effect"
import { FindMyWay, HttpRouter } from "effect/http"

/** The methods that a route may have, in the order in which `Allow` lists them. */
export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const

export type Method = typeof methods[number]

/**
 * Which methods a path takes. Effect's router does not tell; this is a second index of the same routes, filled as they
 * are registered, so that it cannot miss one.
 */
export class RouteIndex extends Context.Service<RouteIndex, {
  /** The methods that have a route for this target (path and query), `HEAD` included where `GET` is. */
  readonly allowed: (target: string) => ReadonlyArray<string>
}>()("muster/server/RouteIndex") {}

/** The path of what answers where no route does: no route itself. */
export const everything = "/*"

/** Passes routes on to the router that stands around it, and notes method and path of each. */
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
