import { type Cause, type Duration, Effect, Exit, Fiber, Option } from "effect"

/**
 * The effect's result; or, once `bound` has passed or where it fails or breaks, what `otherwise` makes of that: the
 * cause, or undefined for the bound, when the effect is interrupted. An effect that answers at once, as a store in memory does,
 * costs no timer.
 */
export const within = <A, E, R, R2>(
  effect: Effect.Effect<A, E, R>,
  bound: Duration.Duration,
  otherwise: (failed: Cause.Cause<E> | undefined) => Effect.Effect<A, never, R2>
): Effect.Effect<A, never, R | R2> =>
  Effect.flatMap(Effect.forkChild(effect, immediately), (fiber) => {
    const exit = fiber.pollUnsafe()
    return exit !== undefined && Exit.isSuccess(exit) ? Effect.succeed(exit.value) : wait(fiber, bound, otherwise)
  })

const immediately = { startImmediately: true }

const wait = <A, E, R>(
  fiber: Fiber.Fiber<A, E>,
  bound: Duration.Duration,
  otherwise: (failed: Cause.Cause<E> | undefined) => Effect.Effect<A, never, R>
) =>
  Fiber.join(fiber).pipe(
    Effect.timeoutOption(bound),
    Effect.matchCauseEffect({
      onFailure: otherwise,
      onSuccess: (answer) =>
        Option.isSome(answer)
          ? Effect.succeed(answer.value)
          : Effect.andThen(Effect.forkDetach(Fiber.interrupt(fiber)), otherwise(undefined))
    })
  )
