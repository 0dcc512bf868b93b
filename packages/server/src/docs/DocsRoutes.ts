import { Api } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { pageHeaders } from "../http/pageHeaders.ts"
import { scriptsApart } from "./scriptsApart.ts"

/** The page has inline styles; it loads scripts from, and calls, only this server. */
const policy = pageHeaders["content-security-policy"].replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

/** Returns the page that the library's layer registers: one document with inline scripts. */
const wholePage = Effect.gen(function*() {
  let page: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown> | undefined
  const catching = HttpRouter.HttpRouter.of({
    ...(yield* HttpRouter.make),
    add: (_, __, handler) => {
      page = handler as typeof page
      return Effect.void
    }
  })
  yield* Layer.build(
    HttpApiScalar.layer(Api.DocumentedApi, { path: "/docs", scalar: { withDefaultFonts: false } }).pipe(
      Layer.provide(Layer.succeed(HttpRouter.HttpRouter, catching))
    )
  )
  const response = yield* Effect.orDie(page ?? Effect.die("no page"))
  return response.body._tag === "Uint8Array" ? new TextDecoder().decode(response.body.body) : ""
}).pipe(Effect.scoped)

/**
 * `/openapi.json`, and `/docs`: a page to read and try it. Both are made at the first call. The library's page has inline
 * scripts; they are served as files, so that the page works under a policy without inline scripts.
 */
export const layerDocsRoutes = Layer.unwrap(Effect.gen(function*() {
  const description = yield* Effect.cached(
    Effect.sync(() => HttpServerResponse.jsonUnsafe(OpenApi.fromApi(Api.DocumentedApi)))
  )
  const parts = yield* Effect.cached(Effect.map(wholePage, (page) => scriptsApart(page, (i) => `/docs/${i}.js`)))
  const page = Effect.map(parts, ({ html }) =>
    HttpServerResponse.text(html, {
      contentType: "text/html; charset=utf-8",
      headers: { ...pageHeaders, "content-security-policy": policy, "cache-control": "no-cache" }
    }))
  const script = Effect.gen(function*() {
    const { file = "" } = yield* HttpRouter.params
    const source = (yield* parts).scripts[Number(/^(\d)\.js$/.exec(file)?.[1] ?? Number.NaN)]
    return source === undefined
      ? HttpServerResponse.empty({ status: 404 })
      : HttpServerResponse.text(source, {
        contentType: "text/javascript; charset=utf-8",
        headers: { ...pageHeaders, "cache-control": "no-cache" }
      })
  })
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/openapi.json", description),
    HttpRouter.route("GET", "/docs", page),
    HttpRouter.route("GET", "/docs/:file", script)
  ])
}))
