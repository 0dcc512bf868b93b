import { type Duration, Effect, Fiber, type Option } from "effect"

/**
 * The effect's result, or none once `bound` has passed; then it is interrupted. An effect that answers at once, as a
 * store in memory does, costs no timer.
 */
export const within = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  bound: Duration.Duration
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.flatMap(Effect.forkChild(effect, { startImmediately: true }), (fiber) => {
    const exit = fiber.pollUnsafe()
    return exit === undefined ? Effect.timeoutOption(Fiber.join(fiber), bound) : Effect.asSome(exit)
  })
