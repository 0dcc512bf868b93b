import { type Cause, type Context, type Duration, Effect, Exit, Fiber, Option } from "effect"

/**
 * Returns the effect's result; or, if it fails or does not end within `bound`, the result of `otherwise`. `otherwise` gets
 * the cause, or undefined after `bound`. After `bound`, or if the caller is interrupted, the effect is interrupted in the
 * background. An effect that ends synchronously, as with a store in memory, needs no timer.
 */
export const within = <A, E, R, R2>(
  effect: Effect.Effect<A, E, R>,
  bound: Duration.Input,
  otherwise: (failed: Cause.Cause<E> | undefined) => Effect.Effect<A, never, R2>
): Effect.Effect<A, never, R | R2> =>
  Effect.withFiber<A, never, R | R2>((caller) => {
    // A fiber of its own costs less than a child, whose parent keeps a set of children.
    const fiber = Effect.runForkWith(caller.context as Context.Context<R>)(effect)
    const exit = fiber.pollUnsafe()
    return exit !== undefined && Exit.isSuccess(exit) ? Effect.succeed(exit.value) : wait(fiber, bound, otherwise)
  })

const wait = <A, E, R>(
  fiber: Fiber.Fiber<A, E>,
  bound: Duration.Input,
  otherwise: (failed: Cause.Cause<E> | undefined) => Effect.Effect<A, never, R>
) =>
  Fiber.join(fiber).pipe(
    Effect.timeoutOption(bound),
    Effect.onInterrupt(() => interruptNow(fiber)),
    Effect.matchCauseEffect({
      onFailure: otherwise,
      onSuccess: (answer) =>
        Option.isSome(answer)
          ? Effect.succeed(answer.value)
          : Effect.andThen(interruptNow(fiber), otherwise(undefined))
    })
  )

/** Interrupts a fiber without waiting for its end. */
const interruptNow = (fiber: Fiber.Fiber<unknown, unknown>) => Effect.sync(() => fiber.interruptUnsafe())
