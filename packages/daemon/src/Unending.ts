import { Cause, Effect } from "effect"
import { Conditions } from "./condition/Conditions.ts"

/** How long a loop that broke waits before it begins again, in ms. */
const restartAfter = 5_000

/**
 * Runs a loop for ever: should a defect of ours end it, that is logged and the loop begins again, so that a daemon never
 * lives on with a part of it silently dead.
 */
export const unending = <R>(name: string, loop: Effect.Effect<unknown, never, R>) =>
  loop.pipe(
    Effect.catchCause((cause) =>
      Effect.gen(function*() {
        if (Cause.hasInterruptsOnly(cause)) return yield* Effect.failCause(cause)
        const conditions = yield* Conditions
        yield* conditions.begin(`defect:${name}`, `${name} broke and begins again: ${Cause.pretty(cause)}`, {
          lapse: `${name} no longer breaks`
        })
        yield* Effect.sleep(restartAfter)
      })
    ),
    Effect.forever
  )
