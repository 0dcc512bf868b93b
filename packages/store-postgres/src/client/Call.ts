import { Effect } from "effect"

/**
 * One call of an operation that shares its statement with others, as `Service.method`: it has a span. Its deadline is
 * the batcher's, which includes the wait for its turn. An interrupted caller does not affect the others.
 */
export const asCall = (operation: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.withSpan(operation, {}, { captureStackTrace: false }))
