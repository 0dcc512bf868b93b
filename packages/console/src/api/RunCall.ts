import { Effect } from "effect"
import { problemOf } from "./Problem.ts"

/** The timeout of a call. */
const callTimeout = "15 seconds"

/** Runs a call as a promise for React. It rejects with a `Problem`. */
export const run = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(
    Effect.mapError(Effect.timeout(call, callTimeout), problemOf),
    signal === undefined ? undefined : { signal }
  )

/** Like `run`, without a timeout: for calls that have their own limits. */
export const runLong = <A, E>(call: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(Effect.mapError(call, problemOf), signal === undefined ? undefined : { signal })
