import { Api } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { acceptedEncodings } from "../http/acceptedEncodings.ts"
import { pageHeaders } from "../http/pageHeaders.ts"
import { compress, type Compressed } from "./Compressed.ts"
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

/** A script in the smallest form that the caller accepts; 304 if the caller has this one. */
const scriptResponse = Effect.fnUntraced(function*({ forms, plain, tag }: Compressed) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const headers = { ...pageHeaders, "cache-control": "no-cache", etag: tag, vary: "accept-encoding" }
  if (request.headers["if-none-match"] === tag) return HttpServerResponse.empty({ status: 304, headers })
  const accepted = acceptedEncodings(request)
  const [encoding, bytes] = forms.find(([name]) => accepted.has(name)) ?? [undefined, plain]
  return HttpServerResponse.uint8Array(bytes, {
    contentType: "text/javascript; charset=utf-8",
    headers: encoding === undefined ? headers : { ...headers, "content-encoding": encoding }
  })
})

/**
 * `/openapi.json`, and `/docs`: a page to read and try it. Both are made at the first call. The library's page has inline
 * scripts; they are served as files, so that the page works under a policy without inline scripts. Its 3.2 MB of script
 * are compressed once, and sent again only when they changed.
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
  const scripts = yield* Effect.cached(Effect.flatMap(parts, (made) => Effect.forEach(made.scripts, compress)))
  const script = Effect.gen(function*() {
    const { file = "" } = yield* HttpRouter.params
    const found = (yield* scripts)[Number(/^(\d)\.js$/.exec(file)?.[1] ?? Number.NaN)]
    return found === undefined ? HttpServerResponse.empty({ status: 404 }) : yield* scriptResponse(found)
  })
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/openapi.json", description),
    HttpRouter.route("GET", "/docs", page),
    HttpRouter.route("GET", "/docs/:file", script)
  ])
}))
