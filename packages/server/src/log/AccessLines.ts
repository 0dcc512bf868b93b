import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import { hash } from "node:crypto"
import { Authenticator } from "../access/Authenticator.ts"
import { tokenIn } from "../access/bearer.ts"
import { anyStore } from "../condition/StoreTrouble.ts"
import { clientOf, whoOf } from "../http/clientOf.ts"
import { accessLevel } from "./accessLevel.ts"
import { requestIdOf } from "./requestId.ts"

/** How many conditions failed requests may have at a time; the rest share one. */
const maxConditions = 100

const codeIn = /"code":"(\w{1,64})"/

/** Returns a text that distinguishes callers, without their token. */
const callerOf = ({ authorization }: Asked) =>
  authorization === undefined ? "nobody" : hash("sha256", authorization, "hex").slice(0, 16)

/**
 * Returns the condition's key: failed requests with the same key share one condition. For a refused token or a gone
 * runtime the key does not depend on the route; for a server fault not on the caller; any other key has both.
 */
const keyOf = (asked: Asked, status: number, code: string) => {
  if (status >= 500) return `request:${status}:${code}`
  const about = status === 401 || code === "runtime_not_found" ? "" : ` ${asked.method} ${asked.path}`
  return `request:${status}:${code}:${callerOf(asked)}${about}`
}

/** What a line contains of its request. A socket keeps it until its end. */
export interface Asked {
  /** The id of this HTTP request; the response has it too. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  /** The caller and its client, as annotations. */
  readonly who: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
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

  const read = (request: HttpServerRequest.HttpServerRequest, path: string): Asked => {
    const client = clientOf(request)
    return {
      id: requestIdOf(request),
      method: request.method,
      path,
      authorization: request.headers["authorization"],
      who: { ...callerIn(request), ...(client === undefined ? {} : { client }) }
    }
  }

  const write = (asked: Asked, { head, millis, status }: Answered) => {
    const { id, method, path, who } = asked
    const level = accessLevel(status, head)
    const annotations = { request_id: id, method, path, status, ms: millis, ...who }
    if (status < 400) return Effect.annotateLogs(Effect.logWithLevel(level)("request"), annotations)
    const code = codeIn.exec(head)?.[1] ?? "none"
    return conditions.begin(bounded(keyOf(asked, status, code), status), "request", {
      level,
      annotations,
      lapse: "requests like this have stopped failing",
      ...(code === "unavailable" ? { because: anyStore, onceAnyway: true } : {})
    })
  }
  return { read, write }
})
