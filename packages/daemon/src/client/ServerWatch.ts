import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import { MachineAccess } from "./MachineAccess.ts"
import type { Refused, ServerError, Unreachable } from "./ServerError.ts"

/** The keys of the conditions that concern the server as a whole. */
export const serverDown = "server"
export const tokenRefused = "token"

const troubleOf = ({ status }: Unreachable) => {
  if (status === null) return "the server cannot be reached"
  return status < 400 ? "the server answers, but not like a Muster server" : "the server reports an error"
}

const refusalText = (isMachine: boolean, error: Refused) => {
  if (!isMachine) {
    return `the server refuses this daemon's token (it may be expired or revoked): restart the daemon with a new one: ${error.message}`
  }
  return error.isOfAnother
    ? "this machine does no work: its credential belongs to another machine, from which it was copied; " +
      "join with this machine: muster machines add, then muster join"
    : "this machine does no work: it was removed from the server, or its credential has expired; " +
      "join again: muster machines add, then muster join"
}

/**
 * Watches every call for the two conditions that concern all of them: a server that does not answer correctly, and a token that
 * it refuses. Callers do not log them.
 */
export const makeServerWatch = Effect.gen(function*() {
  const conditions = yield* Conditions
  const machine = yield* MachineAccess

  const answered = conditions.end(serverDown, "the server answers again")
  const accepted = Effect.andThen(answered, conditions.end(tokenRefused, "the server accepts the token again"))
  const failed = (error: ServerError) => {
    if (error._tag === "Unreachable") {
      return conditions.begin(serverDown, `${troubleOf(error)}; retrying: ${error.message}`)
    }
    if (error._tag === "Refused" && error.isAboutToken) {
      return Effect.andThen(
        answered,
        conditions.begin(tokenRefused, refusalText(machine !== undefined, error))
      ).pipe(Effect.andThen(machine?.refused ?? Effect.void))
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
