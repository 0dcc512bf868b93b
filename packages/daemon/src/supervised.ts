import { Conditions } from "@muster/kit"
import { Cause, Effect } from "effect"

/** The pause before a loop is restarted, in ms. */
const restartAfter = 5_000

/** Runs a loop forever. A defect of the loop is logged and the loop is restarted, so that no part of the daemon dies unseen. */
export const supervised = <R>(name: string, loop: Effect.Effect<unknown, never, R>) =>
  loop.pipe(
    Effect.catchCause((cause) =>
      Effect.gen(function*() {
        if (Cause.hasInterruptsOnly(cause)) return yield* Effect.failCause(cause)
        const conditions = yield* Conditions
        yield* conditions.begin(
          `defect:${name}`,
          `${name} failed unexpectedly and restarts in 5 s: ${Cause.pretty(cause)}`,
          {
            lapse: `${name} has not failed again`
          }
        )
        yield* Effect.sleep(restartAfter)
      })
    ),
    Effect.forever
  )
