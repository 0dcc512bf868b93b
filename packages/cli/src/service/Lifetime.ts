import { onSteadyClock } from "@muster/kit"
import { Context, Effect, type Exit, Fiber, Layer, Ref, Scope } from "effect"
import { Console } from "effect"

/**
 * The exit code of an interrupted command. Ctrl-C breaks off what was asked, hence 130 as shells have it; a service was
 * asked to stop, hence 0.
 */
export const InterruptedCode = Context.Reference<Ref.Ref<number>>("@muster/cli/service/InterruptedCode", {
  defaultValue: () => Ref.makeUnsafe(130)
})

/**
 * How long a service may take to end, in ms: a supervisor kills what has not ended 5 s after it was asked to, unless it
 * was told to wait longer.
 */
export const StopTimeout = Context.Reference<number>("@muster/cli/service/StopTimeout", { defaultValue: () => 4_500 })

const giveUp = Effect.gen(function*() {
  yield* Console.error("error: it did not stop in time; what was under way is lost")
  yield* Ref.set(yield* InterruptedCode, 1)
})

/** Closes the scope, for so long at most. Runs in a fiber of its own, since the one that ends cannot wait for less. */
const closeInTime = (scope: Scope.Closeable, exit: Exit.Exit<unknown, unknown>) =>
  Effect.gen(function*() {
    const closing = yield* Effect.forkDetach(Scope.close(scope, exit))
    yield* Fiber.await(closing).pipe(Effect.timeoutOrElse({ duration: yield* StopTimeout, orElse: () => giveUp }))
  }).pipe(Effect.forkDetach, Effect.flatMap(Fiber.await), Effect.asVoid)

/**
 * Builds a service, does what its start needs (`ready`), and then lives until it is interrupted, or until `told` says
 * so, at any time. It lives on a steady clock: a wall clock that is set moves no deadline. Its end releases all of it within `StopTimeout`.
 */
export const live = <A, E, E2, R, R2>(
  service: Layer.Layer<A, E, R>,
  ready: Effect.Effect<void, E2, A | R2>,
  told: Effect.Effect<void, never, NoInfer<A>> = Effect.never
): Effect.Effect<void, E | E2, R | Exclude<R2, A>> =>
  Effect.gen(function*() {
    yield* Ref.set(yield* InterruptedCode, 0)
    const scope = yield* Scope.make()
    return yield* Layer.buildWithScope(service, scope).pipe(
      Effect.flatMap((context) =>
        Effect.raceFirst(Effect.andThen(ready, Effect.never), told).pipe(Effect.provideContext(context))
      ),
      Effect.onExit((exit) => closeInTime(scope, exit))
    )
  }).pipe(onSteadyClock) as Effect.Effect<void, E | E2, R | Exclude<R2, A>>
