import type { HttpServerRequest } from "effect/http"
import { randomUUID } from "node:crypto"

/** The header that carries the id of one HTTP request, both ways. */
export const requestIdHeader = "x-request-id"

/** What a caller or a proxy may choose as an id: at most 64 characters that need no quoting anywhere. */
const chosen = /^[\w.:-]{1,64}$/

/**
 * The id of one HTTP request: the one that the caller or a proxy chose, where it is one, else a new one. It is answered in
 * the same header and is in the request's log line.
 */
export const requestIdOf = ({ headers }: HttpServerRequest.HttpServerRequest): string => {
  const given = headers[requestIdHeader]
  return given !== undefined && chosen.test(given) ? given : randomUUID()
}
