import type { HttpServerRequest } from "effect/http"

const ownSites: ReadonlySet<string> = new Set(["same-origin", "none"])

/**
 * Returns whether a page of another site makes this call. Browsers send the site of the caller or, without TLS, at least
 * its origin. A call with neither does not come from a page.
 */
export const isForeign = ({ headers }: HttpServerRequest.HttpServerRequest): boolean => {
  const site = headers["sec-fetch-site"]
  if (site !== undefined) return !ownSites.has(site)
  const origin = headers["origin"]
  if (origin === undefined) return false
  const host = URL.parse(origin)?.host
  return host !== headers["host"] && host !== headers["x-forwarded-host"]
}
