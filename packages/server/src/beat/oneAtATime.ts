import type { Runtime } from "@muster/domain"
import { Deferred, Effect } from "effect"

/** The running probe of one runtime, and whether another one waits for its end. */
interface Turn {
  /** Completed at its end. Created by the first that waits. */
  ended: Deferred.Deferred<void> | undefined
  awaited: boolean
}

/**
 * Returns a function that runs one probe per runtime at a time on this replica. A second one that `waits` starts when the
 * first ends, so it finds every request created before it came. Any further one returns `nothing`, since the waiting one
 * starts later; so does one that does not wait, such as a beat, which is repeated. Run each effect that it returns once.
 */
export const makeOneAtATime = () => {
  const turns = new Map<Runtime.RuntimeId, Turn>()

  const end = (id: Runtime.RuntimeId, { ended }: Turn) => {
    turns.delete(id)
    if (ended !== undefined) Deferred.doneUnsafe(ended, Effect.void)
  }

  return <A, E, R>(
    id: Runtime.RuntimeId,
    waits: boolean,
    work: () => Effect.Effect<A, E, R>,
    nothing: () => Effect.Effect<A>
  ): Effect.Effect<A, E, R> => {
    let mine: Turn | undefined
    const run: Effect.Effect<A, E, R> = Effect.suspend(() => {
      const turn = turns.get(id)
      if (turn !== undefined) return waits && !turn.awaited ? Effect.andThen(wait(turn), run) : nothing()
      mine = { ended: undefined, awaited: false }
      turns.set(id, mine)
      return work()
    })
    // Around the suspension: an interruption between the start of a turn and its work must end the turn.
    return Effect.onExitPrimitive(run, () => {
      if (mine !== undefined) end(id, mine)
      mine = undefined
      return undefined
    })
  }
}

/** Waits for the end of a turn. */
const wait = (turn: Turn) => {
  turn.awaited = true
  turn.ended ??= Deferred.makeUnsafe<void>()
  return Effect.onInterrupt(Deferred.await(turn.ended), () =>
    Effect.sync(() => {
      turn.awaited = false
    }))
}
