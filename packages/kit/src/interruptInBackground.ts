import { Effect, Fiber } from "effect"

/**
 * Runs the effect so that an interruption (for example by a timeout) returns at once, although the effect may take long to
 * stop: a database or a disk that no longer answers. Interrupts the effect in the background without waiting for it.
 */
export const interruptInBackground = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(effect, { startImmediately: true }),
      (fiber) => restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe())))
    )
  )
