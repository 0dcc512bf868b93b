import { type Duration, Effect, Fiber, type Scope } from "effect"

/**
 * Adds a finalizer that runs the effect and waits for it at most `limit`. Its failure is ignored. It runs in a fiber of
 * its own: the fiber that closes the scope is being interrupted, and a timeout could not interrupt work in it.
 */
export const finalizeWithin = <A, E, R>(
  limit: Duration.Input,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<void, never, R | Scope.Scope> =>
  Effect.addFinalizer(() => Effect.flatMap(Effect.forkDetach(Effect.timeoutOption(effect, limit)), Fiber.await))
