import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"

/** A resource of a whole test file: made before its first test, and released after its last. */
export const shared = <A, E>(resource: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> => {
  const scope = Scope.makeUnsafe()
  const made = Effect.runSync(Effect.cached(Scope.provide(resource, scope)))
  beforeAll(() => Effect.runPromise(Effect.asVoid(made)))
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return made
}
