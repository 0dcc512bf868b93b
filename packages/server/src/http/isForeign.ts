import type { HttpServerRequest } from "effect/http"

const ownSites: ReadonlySet<string> = new Set(["same-origin", "none"])

/**
 * Whether a page of another site makes this call. Browsers say where a call comes from; those that do not (without TLS)
 * name its origin at least. A call with neither is not made by a page.
 */
export const isForeign = ({ headers }: HttpServerRequest.HttpServerRequest): boolean => {
  const site = headers["sec-fetch-site"]
  if (site !== undefined) return !ownSites.has(site)
  const origin = headers["origin"]
  if (origin === undefined) return false
  const host = URL.parse(origin)?.host
  return host !== headers["host"] && host !== headers["x-forwarded-host"]
}
