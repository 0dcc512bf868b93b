import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { hash } from "node:crypto"
import { Authenticator } from "../access/Authenticator.ts"
import { tokenIn } from "../access/bearer.ts"
import { anyStore } from "../condition/StoreTrouble.ts"
import { clientOf, whoOf } from "../http/clientOf.ts"
import { accessLevel } from "./accessLevel.ts"

/** How many conditions failed requests may have at a time; the rest share one. */
const maxConditions = 100

const codeIn = /"code":"(\w{1,64})"/

/** Returns a text that distinguishes callers, without their token. */
const callerOf = ({ headers }: HttpServerRequest.HttpServerRequest) => {
  const authorization = headers["authorization"]
  return authorization === undefined ? "nobody" : hash("sha256", authorization, "hex").slice(0, 16)
}

/**
 * Returns the condition's key: failed requests with the same key share one condition. For a refused token or a gone
 * runtime the key does not depend on the route; for a server fault not on the caller; any other key has both.
 */
const keyOf = (request: HttpServerRequest.HttpServerRequest, path: string, status: number, code: string) => {
  if (status >= 500) return `request:${status}:${code}`
  const about = status === 401 || code === "runtime_not_found" ? "" : ` ${request.method} ${path}`
  return `request:${status}:${code}:${callerOf(request)}${about}`
}

export interface Access {
  /** The id of this HTTP request; the response has it too. */
  readonly id: string
  readonly request: HttpServerRequest.HttpServerRequest
  readonly path: string
  readonly response: HttpServerResponse.HttpServerResponse
  /** The first 256 bytes of the response's body. */
  readonly head: string
  /** How long it took, in ms. */
  readonly millis: number
}

/**
 * Logs requests: one line for each that succeeded. Failures of one kind are one condition: its first line has the level of
 * a single request, and one line follows each 10 min with a count (`times`).
 */
export const makeAccessLines = Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const conditions = yield* Conditions
  let keys = new Set<string>()

  const bounded = (key: string, status: number) => {
    if (keys.has(key)) return key
    // Removes the keys of ended conditions; one that continues is added again by its next request.
    if (keys.size >= maxConditions) keys = new Set([...keys].filter(conditions.isOpen))
    if (keys.size >= maxConditions) return `request:${status}:others`
    keys.add(key)
    return key
  }

  /** Returns the caller if the cache has it, as for every caller that was just admitted. */
  const callerIn = (request: HttpServerRequest.HttpServerRequest) => {
    const token = tokenIn(request)
    return whoOf(token === undefined ? undefined : authenticator.known(token))
  }

  return ({ head, id, millis, path, request, response }: Access) => {
    const { status } = response
    const level = accessLevel(status, head)
    const client = clientOf(request)
    const annotations = {
      request_id: id,
      method: request.method,
      path,
      status,
      ms: millis,
      ...callerIn(request),
      ...(client === undefined ? {} : { client })
    }
    if (status < 400) return Effect.annotateLogs(Effect.logWithLevel(level)("request"), annotations)
    const code = codeIn.exec(head)?.[1] ?? "none"
    return conditions.begin(bounded(keyOf(request, path, status, code), status), "request", {
      level,
      annotations,
      lapse: "requests like this have stopped failing",
      ...(code === "unavailable" ? { because: anyStore, onceAnyway: true } : {})
    })
  }
})
