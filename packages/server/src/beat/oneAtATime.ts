import type { RuntimeId } from "@muster/domain"
import { Deferred, Effect } from "effect"

/** What is under way for one runtime, and whether somebody waits for its turn already. */
interface Turn {
  readonly ended: Deferred.Deferred<void>
  awaited: boolean
}

/**
 * Looks for work, of which each runtime has one under way at a time on this replica. One more waits for its end, if it
 * `waits`, and then looks itself: what was asked before it came is found. Every further one is answered `nothing`, since the
 * one that waits looks after it came; so is one that does not wait, as a beat, which comes again.
 */
export const makeOneAtATime = () => {
  const turns = new Map<RuntimeId, Turn>()

  const run = <A, E, R>(id: RuntimeId, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
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
    id: RuntimeId,
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
