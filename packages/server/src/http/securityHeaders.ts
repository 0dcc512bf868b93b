import { HttpServerResponse } from "effect/http"

/**
 * Headers of every response that is no page: nothing in it is run, framed, guessed or kept.
 * Source: `docs/protocol.md` 1.1.
 */
export const apiHeaders = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
} as const

/** The same response under a policy; a page brings its own, and says itself how long it is kept. */
export const withPolicy = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  "content-security-policy" in response.headers
    ? response
    : HttpServerResponse.setHeaders(response, { ...apiHeaders, ...response.headers })
