import { Api, type Identity, type Token, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import type { Headers, HttpServerRequest } from "effect/http"
import { isForeign } from "../http/isForeign.ts"
import { type Authenticator, hashToken } from "./Authenticator.ts"
import { isCsrfToken } from "./Csrf.ts"

const prefix = "Bearer "

const fault = (cause: unknown) => WireError.fault("failed to verify token", cause)

/** Returns the hash of the token in the `Authorization` header. Only for a request that `daemonCredential` accepted. */
export const bearerHash = (headers: Headers.Headers): Token.TokenHash =>
  hashToken((headers["authorization"] ?? "").slice(prefix.length))

/** A person's token acts as a daemon only with the scope `run`. */
const mayRun = (credential: Identity.Credential) =>
  credential._tag !== "User" || credential.scopes.includes("run")
    ? Effect.succeed(credential)
    : Effect.fail(WireError.scopeMissing("run", credential.scopes))

/** Returns the credential of a daemon route. Refuses in the protocol's order: `docs/protocol.md` 2.2. */
export const daemonCredential = (
  authenticator: Authenticator["Service"],
  headers: Headers.Headers
): Effect.Effect<Identity.Credential, WireError.Unauthenticated | WireError.Forbidden | WireError.ServerFault> => {
  const authorization = headers["authorization"]
  if (authorization === undefined) return Effect.fail(WireError.missingAuthorization())
  if (!authorization.startsWith(prefix)) return Effect.fail(WireError.invalidAuthorization())
  const token = authorization.slice(prefix.length)
  const known = authenticator.known(token)
  if (known !== undefined) return mayRun(known)
  return Effect.flatMap(
    Effect.mapError(authenticator.authenticate(token), fault),
    Option.match({
      onNone: () => Effect.fail(token.startsWith("mdt_") ? WireError.invalidDaemonToken() : WireError.invalidToken()),
      onSome: mayRun
    })
  )
}

const readOnly: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"])

/** Returns the token of a request, valid or not: the bearer token, else the session cookie. For the log. */
export const tokenIn = ({ cookies, headers }: HttpServerRequest.HttpServerRequest): string | undefined => {
  const authorization = headers["authorization"]
  return authorization?.startsWith(prefix) === true ? authorization.slice(prefix.length) : cookies[Api.sessionCookie]
}

/** Returns a person's token: the bearer token, else the session cookie. With a cookie, a change needs the CSRF header and this server's origin. */
const shownBy = (request: HttpServerRequest.HttpServerRequest) => {
  const { cookies, headers, method } = request
  const authorization = headers["authorization"]
  if (authorization?.startsWith(prefix) === true) return Effect.succeed(authorization.slice(prefix.length))
  const session = cookies[Api.sessionCookie]
  if (!session) return Effect.fail(WireError.missingUserAuthorization())
  return readOnly.has(method) || (isCsrfToken(session, headers[Api.csrfHeader]) && !isForeign(request))
    ? Effect.succeed(session)
    : Effect.fail(WireError.csrf())
}

/**
 * Returns the person of a user route. Refuses a daemon's token; ignores a header of another form. Refuses in the order of
 * `docs/protocol.md` 2.3.
 */
export const userCredential = Effect.fnUntraced(function*(
  authenticator: Authenticator["Service"],
  request: HttpServerRequest.HttpServerRequest
) {
  const token = yield* shownBy(request)
  const found = yield* Effect.mapError(authenticator.authenticate(token), fault)
  if (Option.isNone(found) || found.value._tag !== "User") return yield* WireError.invalidToken()
  return { ...found.value, tokenHash: hashToken(token) }
})
