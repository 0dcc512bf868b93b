import { Effect } from "effect"
import { problemOf } from "./Problem.ts"

/** A call that brings nothing in this time is given up. */
const callTimeout = "15 seconds"

/** Runs a call for React's side of the page: a promise that fails with a `Problem`. */
export const run = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(
    Effect.mapError(Effect.timeout(call, callTimeout), problemOf),
    signal === undefined ? undefined : { signal }
  )

/** The same for what takes as long as it takes. */
export const runLong = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(Effect.mapError(call, problemOf), signal === undefined ? undefined : { signal })
