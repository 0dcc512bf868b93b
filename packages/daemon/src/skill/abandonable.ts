import { Effect, Fiber } from "effect"

/**
 * Work that is given up at once when its time is over, though a disk that does not answer cannot be interrupted: what
 * is left of it ends by itself once the disk answers.
 */
export const abandonable = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Effect.forkDetach(work),
    (fiber) => Fiber.join(fiber).pipe(Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe())))
  )
