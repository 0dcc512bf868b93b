import { Conditions } from "@muster/domain"
import { Effect } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { hash } from "node:crypto"
import { Authenticator } from "../access/Authenticator.ts"
import { tokenIn } from "../access/bearer.ts"
import { anyStore } from "../condition/StoreTrouble.ts"
import { accessLevel } from "./accessLevel.ts"
import { clientOf, whoOf } from "./clientOf.ts"

/** The most conditions that refused requests make at a time; what is over counts as one. */
const maxConditions = 100

const codeIn = /"code":"(\w{1,64})"/

/** Who asks, as far as the log must tell callers apart; a token does not stand in it. */
const callerOf = ({ headers }: HttpServerRequest.HttpServerRequest) => {
  const authorization = headers["authorization"]
  return authorization === undefined ? "nobody" : hash("sha256", authorization, "hex").slice(0, 16)
}

/**
 * What makes two failed requests one condition. A refused token, or a runtime that is gone, is the same whatever its
 * daemon asks for; a fault of ours is the same whoever asks; any other refusal belongs to its route.
 */
const keyOf = (request: HttpServerRequest.HttpServerRequest, path: string, status: number, code: string) => {
  if (status >= 500) return `request:${status}:${code}`
  const about = status === 401 || code === "runtime_not_found" ? "" : ` ${request.method} ${path}`
  return `request:${status}:${code}:${callerOf(request)}${about}`
}

export interface Access {
  /** The id of this HTTP request, answered to the caller too. */
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
 * Lines about requests: one for each that went well; failures that are alike are one condition, whose first line has the
 * level that its request would have by itself, and which then makes one line each 10 min with a count (`times`).
 */
export const makeAccessLines = Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const conditions = yield* Conditions
  let keys = new Set<string>()

  const bounded = (key: string, status: number) => {
    if (keys.has(key)) return key
    // Those of the conditions that ended leave too; a condition that goes on comes back with its next request.
    if (keys.size >= maxConditions) keys = new Set([...keys].filter(conditions.isOpen))
    if (keys.size >= maxConditions) return `request:${status}:others`
    keys.add(key)
    return key
  }

  /** The caller as far as it is known without asking a store: whoever has just been let in is. */
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
