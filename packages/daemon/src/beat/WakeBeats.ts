import type { Runtime } from "@muster/domain"
import { Effect, HashMap, Option, Ref } from "effect"

/** Between two beats of one runtime that wakes cause. */
const interval = "1 second"

/** The runtimes that beat for a wake less than a second ago; true: another wake came since. */
export type Recent = HashMap.HashMap<Runtime.RuntimeId, boolean>

/** Records a wake. True: the runtime is to beat now. */
export const onWake = (recent: Recent, id: Runtime.RuntimeId): readonly [boolean, Recent] => [
  !HashMap.has(recent, id),
  HashMap.set(recent, id, HashMap.has(recent, id))
]

/** Records that the interval after a beat is over. True: the runtime is to beat again. */
export const onInterval = (recent: Recent, id: Runtime.RuntimeId): readonly [boolean, Recent] =>
  Option.getOrElse(HashMap.get(recent, id), () => false)
    ? [true, HashMap.set(recent, id, false)]
    : [false, HashMap.remove(recent, id)]

/**
 * Returns a function that beats at once for a wake, in a child of the calling fiber. Wakes that come within a second of a beat
 * are one more beat after it, so that none is lost. A beat that fails ends this: its connection ends, too.
 */
export const makeWakeBeats = <E>(beat: (id: Runtime.RuntimeId) => Effect.Effect<void, E>) =>
  Effect.map(Ref.make<Recent>(HashMap.empty()), (recent) => {
    const beats = (id: Runtime.RuntimeId) =>
      Effect.andThen(beat(id), Effect.sleep(interval)).pipe(
        Effect.repeat({ while: () => Ref.modify(recent, (all) => onInterval(all, id)) }),
        Effect.ignore
      )
    return Effect.fnUntraced(function*(id: Runtime.RuntimeId) {
      if (yield* Ref.modify(recent, (all) => onWake(all, id))) {
        yield* Effect.forkChild(beats(id), { startImmediately: true })
      }
    })
  })
