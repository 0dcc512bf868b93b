import { Cause, Effect, Schedule } from "effect"
import { Conditions } from "./Conditions.ts"

/** Between a defect of a loop and its restart. */
const restarts = Schedule.spaced("5 seconds")

const reportDefect = (name: string, cause: Cause.Cause<never>) =>
  Effect.flatMap(Conditions, (conditions) =>
    conditions.begin(
      `defect:${name}`,
      `${name} failed unexpectedly and restarts in 5 s: ${Cause.pretty(cause)}`,
      { lapse: `${name} has not failed again` }
    ))

/**
 * Runs a loop forever. A defect of the loop is logged as a condition, and the loop restarts 5 s later, so that no part of a
 * process ends unseen. An interruption ends it.
 */
export const supervised = <R>(
  name: string,
  loop: Effect.Effect<unknown, never, R>
): Effect.Effect<never, never, Conditions | R> =>
  Effect.forever(loop).pipe(
    Effect.catchCauseIf((cause) => !Cause.hasInterruptsOnly(cause), (cause) => reportDefect(name, cause)),
    Effect.repeat(restarts),
    Effect.andThen(Effect.never)
  )
