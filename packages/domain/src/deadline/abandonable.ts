import { Effect, Fiber } from "effect"

/**
 * Work that is given up at once where it is interrupted, as by a deadline around it, though it may be long in ending: a
 * database or a disk that has stopped answering. What is left of it is told to end, and does so behind our back.
 */
export const abandonable = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(work, { startImmediately: true }),
      (fiber) => restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe())))
    )
  )
