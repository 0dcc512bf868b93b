import { Effect } from "effect"
import { Conditions } from "../condition/Conditions.ts"
import type { ServerError } from "./ServerError.ts"

/** The keys of what may be wrong with the server as a whole. */
export const serverDown = "server"
export const tokenRefused = "token"

/**
 * Watches every call for the two conditions that concern all of them: a server that cannot be reached, and a token that
 * it refuses. So no caller logs either, however many of them fail.
 */
export const makeServerWatch = Effect.gen(function*() {
  const conditions = yield* Conditions

  const answered = conditions.end(serverDown, "the server answers again")
  const accepted = Effect.andThen(answered, conditions.end(tokenRefused, "the server accepts the token again"))
  const failed = (error: ServerError) => {
    if (error._tag === "Unreachable") {
      return conditions.begin(serverDown, `the server cannot be reached; trying on. ${error.message}`)
    }
    if (error._tag === "Refused" && error.isAboutToken) {
      return Effect.andThen(
        answered,
        conditions.begin(
          tokenRefused,
          `the server refuses this daemon's token (it may be expired or revoked): give it a new one. ${error.message}`
        )
      )
    }
    return accepted
  }

  return <A, E extends ServerError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    call.pipe(Effect.tap(() => accepted), Effect.tapError(failed))
})
