import type { HttpServerRequest } from "effect/http"
import { randomUUID } from "node:crypto"

/** The header that carries the id of one HTTP request, both ways. */
export const requestIdHeader = "x-request-id"

/** An id that a caller or a proxy may choose: at most 64 characters that need no quoting. */
const chosen = /^[\w.:-]{1,64}$/

/**
 * Returns the id of one HTTP request: the valid id that the caller or a proxy sent, else a new one. The response has it in
 * the same header, and the request's log line contains it.
 */
export const requestIdOf = ({ headers }: HttpServerRequest.HttpServerRequest): string => {
  const given = headers[requestIdHeader]
  return given !== undefined && chosen.test(given) ? given : randomUUID()
}
