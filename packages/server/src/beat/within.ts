import { type Cause, type Duration, Effect, Exit, Fiber, Option } from "effect"

/**
 * Returns the effect's result; or, if it fails or does not end within `bound`, the result of `otherwise`. `otherwise`
 * gets the cause, or undefined after `bound`; then the effect is interrupted in the background. An effect that ends
 * synchronously, as with a store in memory, needs no timer.
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
