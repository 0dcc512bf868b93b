import { onSteadyClock, stopTimeout } from "@muster/kit"
import { Context, Effect, type Exit, Fiber, Layer, Ref, Scope } from "effect"
import { Console } from "effect"
import { collectWhenQuiet } from "./QuietCollection.ts"

/**
 * The exit code of an interrupted command: 130, as in shells; 0 for a service, for which an interrupt is the normal way to
 * stop.
 */
export const InterruptedCode = Context.Reference<Ref.Ref<number>>("@muster/cli/service/InterruptedCode", {
  defaultValue: () => Ref.makeUnsafe(130)
})

/** The timeout of a service's stop, in ms. */
export const StopTimeout = Context.Reference<number>("@muster/cli/service/StopTimeout", {
  defaultValue: () => stopTimeout
})

const giveUp = Effect.gen(function*() {
  yield* Console.error("error: the service did not stop in time; unfinished work is lost")
  yield* Ref.set(yield* InterruptedCode, 1)
})

/** Closes the scope within `StopTimeout`. Uses a separate fiber, since an interrupted fiber cannot be given a timeout. */
const closeInTime = (scope: Scope.Closeable, exit: Exit.Exit<unknown, unknown>) =>
  Effect.gen(function*() {
    const closing = yield* Effect.forkDetach(Scope.close(scope, exit))
    yield* Fiber.await(closing).pipe(Effect.timeoutOrElse({ duration: yield* StopTimeout, orElse: () => giveUp }))
  }).pipe(Effect.forkDetach, Effect.flatMap(Fiber.await), Effect.asVoid)

/**
 * Builds a service, runs `ready`, and keeps the service until it is interrupted or `stopAsked` succeeds. The service uses a
 * steady clock, so that setting the wall clock moves no deadline. Releases all resources within `StopTimeout`.
 */
export const live = <A, E, E2, R, R2>(
  service: Layer.Layer<A, E, R>,
  ready: Effect.Effect<void, E2, A | R2>,
  stopAsked: Effect.Effect<void, never, NoInfer<A>> = Effect.never
): Effect.Effect<void, E | E2, R | Exclude<R2, A>> =>
  Effect.gen(function*() {
    yield* Ref.set(yield* InterruptedCode, 0)
    const scope = yield* Scope.make()
    return yield* Layer.buildWithScope(service, scope).pipe(
      Effect.flatMap((context) =>
        Effect.raceFirst(Effect.andThen(ready, collectWhenQuiet), stopAsked).pipe(Effect.provideContext(context))
      ),
      Effect.onExit((exit) => closeInTime(scope, exit))
    )
  }).pipe(onSteadyClock) as Effect.Effect<void, E | E2, R | Exclude<R2, A>>
