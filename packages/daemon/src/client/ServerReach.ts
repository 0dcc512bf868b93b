import { Context, Effect, Latch } from "effect"
import type { ServerError } from "./ServerError.ts"

/** Records that something failed, until it works again. */
const makeReturn = () => {
  let away = false
  // Each recovery opens the current latch and replaces it, so a waiter waits for the next recovery.
  let latch = Latch.makeUnsafe()
  return {
    failed: Effect.sync(() => void (away = true)),
    worked: Effect.suspend(() => {
      if (!away) return Effect.void
      away = false
      const opened = latch
      latch = Latch.makeUnsafe()
      return opened.open
    }),
    /** Waits until it works again after a failure. */
    await: Effect.suspend(() => latch.await)
  }
}

const answered = (error: ServerError) => error._tag !== "Unreachable" || error.status !== null

/** No answer, a 5xx, or a refused token: the reason concerns the whole server, not the question. */
const isTrouble = (error: ServerError) =>
  error._tag === "Unreachable" || (error._tag === "Refused" && error.isAboutToken)

/** Whether the server is reachable and works, according to the daemon's calls. */
export class ServerReach extends Context.Service<ServerReach, {
  /** Waits until the server answers again after a call that it did not answer. */
  readonly returned: Effect.Effect<void>
  /**
   * Waits until a beat or a listing of workspaces succeeds after one that failed. Registrations and reports do not count: a
   * server that fails only those is not down.
   */
  readonly recovered: Effect.Effect<void>
}>()("@muster/daemon/client/ServerReach") {}

/** `ServerReach`, and the watches of the calls that it learns from. */
export const makeServerReach = () => {
  const reach = makeReturn()
  const health = makeReturn()

  /** Watches a call: learns from it whether the server answers. */
  const call = <A, E extends ServerError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    call.pipe(
      Effect.tap(() => reach.worked),
      Effect.tapError((error) => answered(error) ? reach.worked : reach.failed)
    )

  /** Watches a beat or a listing of workspaces: learns from it also whether the server works. */
  const steadyCall = <A, E extends ServerError>(steady: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    call(steady).pipe(
      Effect.tap(() => health.worked),
      Effect.tapError((error) => isTrouble(error) ? health.failed : Effect.void)
    )

  return { service: ServerReach.of({ returned: reach.await, recovered: health.await }), call, steadyCall }
}
