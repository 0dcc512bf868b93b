import { Effect } from "effect"
import { problemOf } from "./Problem.ts"
import { noteReach } from "./Reach.ts"

/** The timeout of a call. */
const callTimeout = "15 seconds"

/** Maps errors to problems, and records whether the call reached the server. */
const observed = <A, E>(call: Effect.Effect<A, E>) =>
  call.pipe(
    Effect.mapError(problemOf),
    Effect.tap(() => Effect.sync(() => noteReach(true))),
    // A timeout is no proof: one call can be slow.
    Effect.tapError(({ code }) => Effect.sync(() => code === "timeout" ? undefined : noteReach(code !== "unreachable")))
  )

/** Runs a call as a promise for React. It rejects with a `Problem`. */
export const run = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(
    observed(Effect.timeout(call, callTimeout)),
    signal === undefined ? undefined : { signal }
  )

/** Like `run`, without a timeout: for calls that have their own limits. */
export const runLong = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(observed(call), signal === undefined ? undefined : { signal })

/** Starts an effect in the background, for example a stream or a timer. Returns a function that stops it. */
export const start = (effect: Effect.Effect<unknown, unknown>): () => void => {
  const fiber = Effect.runFork(effect)
  return () => fiber.interruptUnsafe()
}
