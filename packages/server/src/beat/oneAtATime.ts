import type { Runtime } from "@muster/domain"
import { Deferred, Effect } from "effect"

/** The running probe of one runtime, and whether another one waits for its end. */
interface Turn {
  readonly ended: Deferred.Deferred<void>
  awaited: boolean
}

/**
 * Returns a function that runs one probe per runtime at a time on this replica. A second one that `waits` starts when the
 * first ends, so it finds every request created before it came. Any further one returns `nothing`, since the waiting one
 * starts later; so does one that does not wait, such as a beat, which is repeated.
 */
export const makeOneAtATime = () => {
  const turns = new Map<Runtime.RuntimeId, Turn>()

  const run = <A, E, R>(id: Runtime.RuntimeId, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const turn: Turn = { ended: Deferred.makeUnsafe<void>(), awaited: false }
      turns.set(id, turn)
      return Effect.ensuring(
        work,
        Effect.sync(() => {
          turns.delete(id)
          Deferred.doneUnsafe(turn.ended, Effect.void)
        })
      )
    })

  return <A, E, R>(
    id: Runtime.RuntimeId,
    waits: boolean,
    work: Effect.Effect<A, E, R>,
    nothing: Effect.Effect<A>
  ): Effect.Effect<A, E, R> => {
    const enter: Effect.Effect<A, E, R> = Effect.suspend(() => {
      const turn = turns.get(id)
      if (turn === undefined) return run(id, work)
      if (!waits || turn.awaited) return nothing
      turn.awaited = true
      return Effect.andThen(
        Effect.onInterrupt(Deferred.await(turn.ended), () =>
          Effect.sync(() => {
            turn.awaited = false
          })),
        enter
      )
    })
    return enter
  }
}
