import { HttpServerResponse } from "effect/http"

/**
 * Headers of every response that is not a page: it is not run, framed, sniffed or cached.
 * Source: `docs/protocol.md` 1.1.
 */
export const apiHeaders = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
} as const

/** Adds the API headers to a response. A page has its own policy and its own caching. */
export const withPolicy = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  "content-security-policy" in response.headers
    ? response
    : HttpServerResponse.setHeaders(response, { ...apiHeaders, ...response.headers })
