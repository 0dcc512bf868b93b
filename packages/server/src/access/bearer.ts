import { type Credential, type ServerFault, type Unauthenticated, wireError } from "@muster/domain"
import { Effect, Option } from "effect"
import type { Headers } from "effect/http"
import type { Authenticator } from "./Authenticator.ts"

const prefix = "Bearer "

const fault = () => wireError.fault("failed to verify token")

/** The credential of a daemon route. The order of refusals is the protocol's: `wire.md` 2.2. */
export const daemonCredential = (
  authenticator: Authenticator["Service"],
  headers: Headers.Headers
): Effect.Effect<Credential, Unauthenticated | ServerFault> => {
  const authorization = headers["authorization"]
  if (authorization === undefined) return Effect.fail(wireError.missingAuthorization())
  if (!authorization.startsWith(prefix)) return Effect.fail(wireError.invalidAuthorization())
  const token = authorization.slice(prefix.length)
  const known = authenticator.known(token)
  if (known !== undefined) return Effect.succeed(known)
  return Effect.flatMap(
    Effect.mapError(authenticator.authenticate(token), fault),
    Option.match({
      onNone: () => Effect.fail(token.startsWith("mdt_") ? wireError.invalidDaemonToken() : wireError.invalidToken()),
      onSome: Effect.succeed
    })
  )
}

/** The person of a user route; a daemon's token is refused there. A header of another form counts as none. */
export const userCredential = Effect.fnUntraced(function*(
  authenticator: Authenticator["Service"],
  headers: Headers.Headers
) {
  const authorization = headers["authorization"]
  if (authorization === undefined || !authorization.startsWith(prefix)) {
    return yield* wireError.missingUserAuthorization()
  }
  const found = yield* Effect.mapError(authenticator.authenticate(authorization.slice(prefix.length)), fault)
  if (Option.isNone(found) || found.value._tag !== "User") return yield* wireError.invalidToken()
  return found.value
})
