import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { ServerError, Unreachable } from "./ServerError.ts"

/** The keys of the conditions that concern the server as a whole. */
export const serverDown = "server"
export const tokenRefused = "token"

const troubleOf = ({ status }: Unreachable) => {
  if (status === null) return "the server cannot be reached"
  return status < 400 ? "the server answers, but not like a Muster server" : "the server reports an error"
}

/**
 * Watches every call for the two conditions that concern all of them: a server that does not answer correctly, and a token that
 * it refuses. Callers do not log them.
 */
export const makeServerWatch = Effect.gen(function*() {
  const conditions = yield* Conditions

  const answered = conditions.end(serverDown, "the server answers again")
  const accepted = Effect.andThen(answered, conditions.end(tokenRefused, "the server accepts the token again"))
  const failed = (error: ServerError) => {
    if (error._tag === "Unreachable") {
      return conditions.begin(serverDown, `${troubleOf(error)}; retrying: ${error.message}`)
    }
    if (error._tag === "Refused" && error.isAboutToken) {
      return Effect.andThen(
        answered,
        conditions.begin(
          tokenRefused,
          `the server refuses this daemon's token (it may be expired or revoked): restart the daemon with a new one: ${error.message}`
        )
      )
    }
    return accepted
  }

  /** `saysItself`: the caller logs failures to which the server replied. */
  return <A, E extends ServerError, R>(call: Effect.Effect<A, E, R>, saysItself = false): Effect.Effect<A, E, R> =>
    call.pipe(
      Effect.tap(() => accepted),
      Effect.tapError((error) =>
        saysItself && error._tag === "Unreachable" && error.status !== null ? Effect.void : failed(error)
      )
    )
})
