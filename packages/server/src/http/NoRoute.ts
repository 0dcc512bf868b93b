import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { pageHeaders } from "./pageHeaders.ts"
import { everything, type Method, methods, RouteIndex } from "./RouteIndex.ts"

/**
 * Paths where a newer daemon probes for features that this server does not have, and falls back on a 404: batch claims,
 * runtime profiles, garbage checks in batches. Source: `docs/protocol.md` 20.
 */
const probes = [
  /^\/api\/daemon\/tasks\/claim$/,
  /^\/api\/daemon\/workspaces\/[^/]+\/(runtime-profiles|issues\/gc-check)$/
]

/**
 * The renewal of newer daemons, which fall back on a 404. Without a route of its own it would be one of
 * `/api/tokens/{id}/renew`.
 */
const tokenProbe = "/api/tokens/current/renew"

const pathOf = (url: string) => url.replace(/[?#].*$/s, "")

/**
 * A daemon may take 404 for "deleted" and remove its work; 501 makes it keep its work. The answer to every unknown daemon
 * path except the probes. Source: `docs/protocol.md` 9.10, 20.
 */
const notSupported = HttpServerResponse.jsonUnsafe(
  { error: "this server does not support this call of daemons", code: "not_supported" },
  { status: 501 }
)

const noPage = new TextEncoder().encode(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Page not found · Muster</title>
<h1>Page not found</h1>
<p>There is no page at this address. <a href="/">Open the console</a>, or read the <a href="/help/">documentation</a> or the
<a href="/docs">reference of the API</a>.</p>
</html>
`)

const isForPeople = ({ headers }: HttpServerRequest.HttpServerRequest, path: string) =>
  !path.startsWith("/api/") && (headers["accept"] ?? "").includes("text/html")

/** Returns the response to a request without a route. It has no body where `readableFailure` adds one. */
const answer = (request: HttpServerRequest.HttpServerRequest, allowed: ReadonlyArray<string>) => {
  const path = pathOf(request.url)
  if (allowed.length > 0) return wrongMethod(request.method, allowed)
  if (path.startsWith("/api/daemon/") && !probes.some((probe) => probe.test(path))) return notSupported
  if (!isForPeople(request, path)) return HttpServerResponse.empty({ status: 404 })
  return HttpServerResponse.uint8Array(noPage, {
    status: 404,
    contentType: "text/html; charset=utf-8",
    headers: { ...pageHeaders, "cache-control": "no-store" }
  })
}

const wrongMethod = (method: string, allowed: ReadonlyArray<string>) => {
  const headers = { allow: allowed.join(", ") }
  if (method === "OPTIONS") return HttpServerResponse.empty({ status: 204, headers })
  return HttpServerResponse.jsonUnsafe(
    { error: `method ${method} is not allowed here: use ${allowed.join(", ")}`, code: "method_not_allowed" },
    { status: 405, headers }
  )
}

/**
 * Answers requests without a route: 405 with `Allow` if another method has a route, 501 to daemons, a page to browsers,
 * else 404. `HEAD` is not listed: the router answers it with the route of `GET`.
 */
export const layerNoRoute = Layer.unwrap(Effect.gen(function*() {
  const index = yield* RouteIndex
  const handler = Effect.map(
    HttpServerRequest.HttpServerRequest,
    (request) => answer(request, index.allowed(request.url))
  )
  return HttpRouter.addAll([
    ...methods.map((method: Method) => HttpRouter.route(method, everything, handler)),
    HttpRouter.route("POST", tokenProbe, Effect.succeed(HttpServerResponse.empty({ status: 404 })))
  ])
}))
