import { type Runtime, RuntimeHistory } from "@muster/domain"
import { finalizeWithin } from "@muster/kit"
import { Clock, Effect, Schedule } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { LoadShedding } from "../pacing/LoadShedding.ts"

/** How often the counts are written. */
const flushEvery = "1 minute"

/** How many rows wait at most while the store is unavailable; then the oldest are dropped. */
const maxWaiting = 50_000

interface Counts {
  beats: number
  maxMs: number
}

/**
 * Counts the beats of this replica in memory, per runtime, and adds them to the histories once a minute, in bulk. A beat
 * never waits for this and never fails because of it. Counts that cannot be written wait for the next minute. When the
 * scope ends, it writes the rest, for at most 5 s.
 */
export const makeBeatHistory = Effect.gen(function*() {
  const history = yield* RuntimeHistory.RuntimeHistory
  const load = yield* LoadShedding
  const upkeep = yield* makeUpkeep
  let current = new Map<Runtime.RuntimeId, Counts>()
  /** The bucket of `current`: from, and to (epoch ms). */
  let from = 0
  let to = 0
  let waiting: Array<RuntimeHistory.Row> = []

  const wait = (rows: ReadonlyArray<RuntimeHistory.Row>) => {
    waiting = [...rows, ...waiting].slice(-maxWaiting)
  }

  /** Ends the count, and begins the one of this moment's bucket. A beat counts for the interval that is in force. */
  const turn = (now: number) => {
    const interval = load.pacing(now).beat
    const at = from
    const rows = Array.from(current, ([runtime, { beats, maxMs }]) => ({
      runtime,
      at,
      beats,
      covered: Math.min(RuntimeHistory.bucketMs, beats * interval),
      maxMs
    }))
    waiting = [...waiting, ...rows].slice(-maxWaiting)
    current = new Map()
    from = RuntimeHistory.bucketOf(now)
    to = from + RuntimeHistory.bucketMs
  }

  /** The first failure ends the round: the other writes would fail too. */
  const flush = Effect.gen(function*() {
    turn(yield* Clock.currentTimeMillis)
    while (waiting.length > 0) {
      const rows = waiting.slice(0, RuntimeHistory.maxRows)
      waiting = waiting.slice(RuntimeHistory.maxRows)
      yield* history.record(rows).pipe(Effect.onError(() => Effect.sync(() => wait(rows))))
    }
  })

  yield* finalizeWithin("5 seconds", flush)
  yield* upkeep("writing the history of heartbeats", flush).pipe(
    Effect.schedule(Schedule.spaced(flushEvery)),
    Effect.forkScoped
  )

  return {
    /** Counts a beat that ended at `now` (epoch ms) and took `ms`. */
    beat: (runtime: Runtime.RuntimeId, now: number, ms: number): void => {
      if (now >= to || now < from) turn(now)
      const counts = current.get(runtime)
      if (counts === undefined) current.set(runtime, { beats: 1, maxMs: ms })
      else {
        counts.beats++
        if (ms > counts.maxMs) counts.maxMs = ms
      }
    }
  }
})
